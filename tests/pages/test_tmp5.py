import sys; sys.path.insert(0,"/work/main")
import pytest
@pytest.mark.parametrize("view",["map","growth","mix","distance","linkage","lives"])
def test_view(demo,look,screen,view):
    at=look("clustering",lang="en",view=view)
    for e in at.exception: print(e.value, e.stack_trace)
    assert not at.exception
    print(at.title[0].value, at.query_params, [c.value[:400] for c in at.caption][-3:], [s.value for s in at.subheader])
def test_more(demo,look,screen):
    at=look("clustering",lang="zh",layer="hotspots",year="2024",industry="R")
    for e in at.exception: print(e.value, e.stack_trace)
    assert not at.exception
    print(at.query_params,[c.value for c in at.caption])
