"""Values against TA-Lib's Python wheel, on real data.

Its C library is of an older release than the one that this project follows; the suite of native/indicators
holds all functions to the newer one.
"""

from __future__ import annotations

import numpy as np
import pytest
import talib

# New in TA-Lib 0.8.3, whose functions these are.
NEWER = {
    *("alma", "asi", "bbw", "cg", "chop", "choptr", "cksp", "crsi", "cti", "dosc", "emv", "fisher", "frama"),
    *("ibs", "ichimoku", "kst", "kstext", "kurtosis", "kvo", "mcgd", "median", "percentb", "pso"),
    *("rogerssatchell", "rvir", "si", "sqzmom", "stc", "swak_2php", "swak_bp", "swak_butter", "swak_gauss"),
    *("swak_hp", "vidya", "wavetrend", "zigzag"),
}
# Of equal extremes, 0.8.3 takes another one.
OTHER_TIES = {"maxindex", "minindex", "minmaxindex"}
# A share of the largest value so far: TA-Lib's running sums carry rounding errors along.
CLOSE = 1e-10


def both(ta, bars: dict[str, np.ndarray], function: dict) -> list[tuple[np.ndarray, np.ndarray]]:
    columns = [bars[name] for name in function["inputs"]]
    params = {param["name"]: param["default"] for param in function["params"]}
    ours = getattr(ta, function["name"])(*columns)
    theirs = getattr(talib, function["name"].upper())(*columns, **params)
    if len(function["outputs"]) == 1:
        return [(ours, theirs)]
    return list(zip(ours, theirs, strict=True))


def of_talib(ta) -> list[dict]:
    return [function for function in ta.functions() if function["source"].startswith("TA-Lib")]


def test_the_lists_of_exceptions_are_exact(ta) -> None:
    names = {function["name"] for function in of_talib(ta)}
    assert len(names) == 237
    assert names - {name.lower() for name in talib.get_functions()} == NEWER


def test_every_common_function_has_talibs_values(ta, bars: dict[str, np.ndarray]) -> None:
    compared = 0
    wrong = []
    for function in of_talib(ta):
        if function["name"] in NEWER | OTHER_TIES:
            continue
        for field, (ours, theirs) in zip(function["outputs"], both(ta, bars, function), strict=True):
            what = f"{function['name']}.{field['name']}"
            compared += 1
            if field["kind"] == "integer":
                if ours.dtype != np.int32 or not np.array_equal(ours, theirs):
                    wrong.append(what)
                continue
            there = ~np.isnan(theirs)
            largest = np.maximum.accumulate(np.abs(theirs[there]))
            apart = np.abs(ours[there] - theirs[there]) > CLOSE * largest
            if not np.array_equal(~np.isnan(ours), there) or apart.any():
                wrong.append(what)
    assert not wrong
    assert compared > 220


@pytest.mark.parametrize(("index", "extreme"), [("maxindex", "MAX"), ("minindex", "MIN")])
def test_indices_point_at_the_extreme(ta, bars: dict[str, np.ndarray], index: str, extreme: str) -> None:
    close = bars["close"]
    found = getattr(ta, index)(close, timeperiod=30)
    assert np.array_equal(close[found[29:]], getattr(talib, extreme)(close, 30)[29:])
    field = {"maxindex": "max_idx", "minindex": "min_idx"}[index]
    assert np.array_equal(getattr(ta.minmaxindex(close), field), found)


def test_parameters_are_passed_on(ta, bars: dict[str, np.ndarray]) -> None:
    close, high, low = bars["close"], bars["high"], bars["low"]
    pairs = [
        (ta.sma(close, 7), talib.SMA(close, 7)),
        (ta.rsi(close, timeperiod=21), talib.RSI(close, 21)),
        (ta.bbands(close, 15, 1.5, 2.5, 1).lower, talib.BBANDS(close, 15, 1.5, 2.5, 1)[2]),
        (ta.stoch(high, low, close, slowk_matype=1).slow_d, talib.STOCH(high, low, close, slowk_matype=1)[1]),
        (ta.sar(high, low, 0.03, maximum=0.3), talib.SAR(high, low, 0.03, 0.3)),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
