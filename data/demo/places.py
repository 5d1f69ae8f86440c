"""Where the demonstration's enterprises may stand: known places, each a disc well inside its district.

Positions are approximate WGS84 centres; `radius_km` is where most firms of the place stand, `reach_km` the outermost
point. Every disc of `reach_km` was checked to lie inside the district's boundary, so no boundary file is needed here.
"""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple


class Place(NamedTuple):
    """One neighbourhood: centre (degrees), radius and reach (km), weight among the firms outside parks of the city."""

    city_id: str
    district_code: str
    name: str
    lon: float
    lat: float
    radius_km: float
    reach_km: float
    weight: float


PLACES: tuple[Place, ...] = (
    Place("beijing", "110105", "Dashanzi", 116.490, 39.984, 1.2, 5.5, 15),
    Place("beijing", "110105", "Guomao", 116.458, 39.910, 0.9, 1.5, 14),
    Place("beijing", "110105", "Wangjing", 116.475, 39.998, 1.2, 5.0, 8),
    Place("beijing", "110105", "Gaobeidian", 116.525, 39.908, 1.5, 6.0, 5),
    Place("beijing", "110105", "Sanlitun", 116.452, 39.934, 0.7, 1.0, 3),
    Place("beijing", "110105", "Panjiayuan", 116.470, 39.876, 1.0, 2.2, 2),
    Place("beijing", "110108", "Zhongguancun", 116.312, 39.982, 1.2, 4.2, 15),
    Place("beijing", "110108", "Shangdi", 116.295, 40.040, 1.1, 1.9, 8),
    Place("beijing", "110108", "Wudaokou", 116.335, 39.990, 0.9, 2.4, 5),
    Place("beijing", "110108", "Ganjiakou", 116.322, 39.930, 0.5, 0.6, 1),
    Place("beijing", "110101", "Yonghegong", 116.413, 39.944, 0.7, 1.4, 3),
    Place("beijing", "110101", "Longfusi", 116.412, 39.925, 0.7, 1.2, 2),
    Place("beijing", "110101", "Chongwenmen", 116.415, 39.895, 0.7, 1.3, 2),
    Place("beijing", "110102", "Desheng", 116.372, 39.945, 0.5, 0.6, 2),
    Place("beijing", "110102", "Guang'anmen", 116.352, 39.893, 0.8, 1.6, 2),
    Place("beijing", "110102", "Financial Street", 116.360, 39.916, 0.8, 2.0, 2),
    Place("beijing", "110106", "Lize", 116.315, 39.860, 0.8, 1.4, 2),
    Place("beijing", "110106", "Fengtai Science City", 116.288, 39.828, 1.5, 3.1, 2),
    Place("beijing", "110107", "Shougang", 116.165, 39.920, 1.0, 2.1, 2),
    Place("beijing", "110107", "Bajiao", 116.195, 39.910, 0.6, 0.8, 1),
    Place("beijing", "110109", "Yongding", 116.095, 39.935, 0.8, 1.0, 0.5),
    Place("beijing", "110111", "Liangxiang", 116.140, 39.735, 1.5, 2.9, 0.7),
    Place("beijing", "110112", "Songzhuang", 116.715, 39.945, 1.8, 3.7, 2),
    Place("beijing", "110112", "Liyuan", 116.668, 39.880, 1.6, 3.4, 1.5),
    Place("beijing", "110113", "Shunyi town", 116.655, 40.125, 2.0, 5.0, 1),
    Place("beijing", "110114", "Huilongguan", 116.330, 40.080, 1.4, 2.3, 1.5),
    Place("beijing", "110114", "Changping town", 116.235, 40.215, 2.0, 6.0, 0.8),
    Place("beijing", "110115", "Yizhuang", 116.500, 39.785, 1.3, 1.9, 2.5),
    Place("beijing", "110115", "New Media Base", 116.345, 39.695, 1.6, 6.0, 1.2),
    Place("beijing", "110116", "Yangsong", 116.690, 40.310, 1.4, 3.4, 0.6),
    Place("shanghai", "310106", "Nanjing West Road", 121.452, 31.230, 0.4, 0.42, 10),
    Place("shanghai", "310106", "Daning", 121.452, 31.277, 0.4, 0.5, 7),
    Place("shanghai", "310110", "Wujiaochang", 121.512, 31.300, 0.8, 1.3, 11),
    Place("shanghai", "310110", "Changyang", 121.535, 31.272, 0.8, 1.4, 8),
    Place("shanghai", "310107", "Moganshan", 121.440, 31.249, 0.4, 0.48, 4),
    Place("shanghai", "310107", "Changfeng", 121.390, 31.235, 0.8, 1.2, 2),
    Place("shanghai", "310105", "Zhongshan Park", 121.412, 31.216, 0.8, 1.1, 4),
    Place("shanghai", "310109", "North Bund", 121.490, 31.262, 0.8, 1.2, 3),
    Place("shanghai", "310104", "Caohejing", 121.402, 31.172, 0.7, 0.9, 7),
    Place("shanghai", "310104", "Xuhui Riverside", 121.448, 31.175, 0.7, 1.1, 3),
    Place("shanghai", "310101", "Tianzifang", 121.470, 31.212, 0.7, 1.1, 5),
    Place("shanghai", "310115", "Zhangjiang", 121.595, 31.205, 1.4, 6.5, 12),
    Place("shanghai", "310115", "Lujiazui", 121.520, 31.230, 0.9, 1.5, 5),
    Place("shanghai", "310112", "Xinzhuang", 121.385, 31.120, 1.5, 2.9, 4),
    Place("shanghai", "310113", "Dachang", 121.415, 31.315, 0.9, 1.1, 2),
    Place("shanghai", "310114", "Jiading town", 121.250, 31.380, 1.5, 5.5, 2),
    Place("shanghai", "310120", "Nanqiao", 121.465, 30.920, 1.5, 6.0, 1.5),
    Place("shanghai", "310117", "Songjiang town", 121.230, 31.030, 1.6, 6.0, 2),
    Place("shenzhen", "440305", "Nanshan Science Park", 113.945, 22.540, 1.0, 1.9, 18),
    Place("shenzhen", "440305", "OCT", 113.985, 22.542, 0.5, 0.62, 5),
    Place("shenzhen", "440305", "Shekou", 113.925, 22.492, 0.6, 0.75, 4),
    Place("shenzhen", "440304", "Chegongmiao", 114.025, 22.538, 0.8, 1.5, 10),
    Place("shenzhen", "440304", "Futian CBD", 114.055, 22.540, 0.8, 2.4, 7),
    Place("shenzhen", "440304", "Huaqiangbei", 114.083, 22.547, 0.7, 1.1, 6),
    Place("shenzhen", "440303", "Shuibei", 114.125, 22.573, 0.8, 1.8, 6),
    Place("shenzhen", "440306", "Xixiang", 113.868, 22.580, 1.2, 2.8, 6),
    Place("shenzhen", "440306", "Songgang", 113.840, 22.760, 1.3, 2.2, 4),
    Place("shenzhen", "440307", "Bantian", 114.068, 22.645, 1.0, 1.5, 6),
    Place("shenzhen", "440307", "Dafen", 114.140, 22.615, 0.8, 1.5, 4),
    Place("shenzhen", "440307", "Longgang Centre", 114.245, 22.720, 1.4, 3.6, 4),
    Place("shenzhen", "440309", "Minzhi", 114.035, 22.640, 0.8, 1.2, 4),
    Place("shenzhen", "440309", "Guanlan", 114.060, 22.720, 1.3, 2.6, 3),
    Place("shenzhen", "440310", "Pingshan Centre", 114.345, 22.690, 1.2, 2.5, 2),
    Place("shenzhen", "440311", "Guangming Centre", 113.940, 22.750, 1.4, 3.0, 2),
    Place("shenzhen", "440308", "Shatoujiao", 114.240, 22.565, 0.5, 0.65, 1),
)


def places_of(district_code: str) -> list[Place]:
    """The known places of a district, in table order.

    Columns: none. A district without places gives an empty list. Errors: none. Source: the table of this module.

    >>> [place.name for place in places_of("110107")]
    ['Shougang', 'Bajiao']
    """
    return [place for place in PLACES if place.district_code == district_code]


def point_near(place: Place, spread: float, draw: Random) -> tuple[float, float]:
    """One position near a place as (lon, lat) in WGS84 degrees, five decimals, never beyond the place's reach.

    Formula: a normal draw with a standard deviation of spread * radius_km, repeated until it is within reach_km;
    1 degree of latitude = 111.2 km, of longitude = 111.2 km * cos(latitude).
    Errors: none. Source: our choice; the positions are invented.

    >>> from random import Random
    >>> lon, lat = point_near(PLACES[0], 0.0, Random(1))
    >>> (lon, lat)
    (116.49, 39.984)
    """
    while True:
        east, north = (draw.gauss(0.0, spread * place.radius_km) for _ in range(2))
        if math.hypot(east, north) <= place.reach_km:
            break
    lat = place.lat + north / 111.2
    lon = place.lon + east / (111.2 * math.cos(math.radians(place.lat)))
    return round(lon, 5), round(lat, 5)
