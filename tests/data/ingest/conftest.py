"""A small set of registers that the ingest tests check files against."""

from __future__ import annotations

import polars as pl
import pytest

from data.ingest import Registers


def _frame(columns: str, *rows: str) -> pl.DataFrame:
    cells = [[cell or None for cell in row.split(",")] for row in rows]
    return pl.DataFrame(cells, schema=dict.fromkeys(columns.split(","), pl.String), orient="row")


@pytest.fixture(scope="session")
def registers() -> Registers:
    return Registers(
        parks=_frame(
            "park_id,name_zh,name_en,city_id,district_code",
            "BJ-005,798艺术区,798 Art Zone,beijing,110105",
            "BJ-011,首钢文化产业园,Shougang Park,beijing,110107",
            "BJ-021,竞园,Jingyuan,beijing,110105",
            "BJ-099,鑫淼\u4dae园,,beijing,",
            "SH-001,M50创意园,M50,shanghai,310107",
            "RU-012,,Villa Hügel,ruhr,05113000",
        ),
        items=_frame(
            "questionnaire_id,item_id,name_zh,name_en,aliases",
            "monthly,business_volume,业务量,Business volume,业务量|business volume",
            "monthly,new_leases,新签租约与问询,New leases and enquiries,新签租约|new leases",
            "monthly,occupancy,出租率,Occupancy,入驻率",
        ),
        answers=_frame(
            "answer,label_zh,label_en,aliases",
            "up,上升,Up,上升|增加|好转|increase|+",
            "same,持平,Same,持平|不变|flat|=",
            "down,下降,Down,下降|减少|worse",
        ),
        programmes=_frame(
            "programme_id,name_zh,name_en",
            "park_show,北京文化园区SHOW,Beijing Cultural Park SHOW",
            "training,培训,Training",
        ),
        districts=_frame(
            "district_code,city_id,name_zh,name_en",
            "110105,beijing,朝阳区,Chaoyang",
            "110107,beijing,石景山区,Shijingshan",
            "310107,shanghai,普陀区,Putuo",
            "05113000,ruhr,埃森,Essen",
        ),
        industries=_frame(
            "scheme,code",
            "GB/T 4754-2017,A",
            "GB/T 4754-2017,01",
            "GB/T 4754-2017,R",
            "GB/T 4754-2017,87",
            "文化及相关产业分类(2018),01",
            "文化及相关产业分类(2018),03",
        ),
    )
