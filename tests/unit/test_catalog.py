"""The catalog: what is read is what was recorded, with the types that the schema states."""

import json

import numpy as np
import pandas as pd
import pytest

from shockbook import catalog


def test_prices_have_their_types_and_attributes():
    prices = catalog.load("prices")
    assert str(prices["date"].dtype).startswith("datetime64")
    assert prices["date"].dt.tz is None
    assert prices[["close", "adj_close", "volume"]].dtypes.eq("float64").all()
    assert prices.attrs == {
        "dataset": "prices",
        "title": catalog.describe("prices")["title"],
        "source": catalog.describe("prices")["shortSource"],
        "as_of": "2026-08-21",
        "retrieved": "2026-11-28",
    }


def test_known_closes_of_the_event():
    """The closes that the press printed: 142.62 and 118.42 dollars."""
    prices = catalog.load("prices").set_index(["ticker", "date"])["close"]
    assert prices["NVDA", "2025-01-24"] == pytest.approx(142.62, abs=0.005)
    assert prices["NVDA", "2025-01-27"] == pytest.approx(118.42, abs=0.005)


@pytest.mark.parametrize("name", catalog.names())
def test_columns_follow_the_schema(name):
    table = catalog.load(name)
    fields = catalog.describe(name)["schema"]["fields"]
    assert list(table.columns) == [field["name"] for field in fields]
    assert len(table) == catalog.describe(name)["rows"]
    for field in fields:
        if field.get("constraints", {}).get("required"):
            assert table[field["name"]].notna().all(), field["name"]


def test_whole_numbers_without_gaps_are_integers():
    assert catalog.load("shares-outstanding")["shares_outstanding"].dtype == np.int64
    assert catalog.load("usdcny")["in_second_copy"].dtype == bool


def test_codes_keep_their_leading_zeros():
    """A number-like text stays text: 0001045810 is NVIDIA's CIK."""
    shares = catalog.load("shares-outstanding")
    assert shares.loc[shares["ticker"] == "NVDA", "cik"].eq("0001045810").all()


def test_an_empty_date_is_missing(data):
    resource = catalog.describe("usdcny")
    content = b"date,cny_per_usd,in_second_copy\n2025-01-27,7.2,true\n,,\n"
    table = catalog.current().parse(resource, content)
    assert table["date"].tolist() == [pd.Timestamp("2025-01-27"), pd.NaT]


def test_unknown_dataset_names_the_known_ones():
    with pytest.raises(catalog.DataError, match=r"no dataset 'price'.*prices"):
        catalog.load("price")


def test_one_byte_changed_is_refused(data):
    content = bytearray(data.path("usdcny").read_bytes())
    content[-3] ^= 1
    data.path("usdcny").write_bytes(bytes(content))
    with pytest.raises(catalog.DataError) as error:
        catalog.load("usdcny")
    text = str(error.value)
    assert "data/usdcny.csv" in text and "sha256 differs" in text
    assert "git checkout data/usdcny.csv" in text
    assert "python -m shockbook check --accept usdcny" in text
    assert "\n" not in text


def test_truncated_file_is_refused(data):
    content = data.path("prices").read_bytes()
    data.path("prices").write_bytes(content[:-1000])
    with pytest.raises(catalog.DataError, match=rf"prices\.csv\.gz.* instead of {len(content)}"):
        catalog.load("prices")


def test_missing_file_is_named(data):
    data.path("groups").unlink()
    with pytest.raises(catalog.DataError, match=r"data/groups\.csv is missing.*git checkout"):
        catalog.load("groups")


def test_missing_or_broken_descriptor_is_named(data):
    path = data.folder / "datapackage.json"
    path.write_text("{")
    with pytest.raises(catalog.DataError, match=r"datapackage\.json is not a description of data"):
        catalog.names()
    path.unlink()
    with pytest.raises(catalog.DataError, match=r"datapackage\.json is missing"):
        catalog.names()


def test_text_in_a_number_column_is_refused_when_parsed():
    resource = catalog.describe("usdcny")
    content = b"date,cny_per_usd,in_second_copy\n2025-01-27,seven,true\n"
    with pytest.raises(catalog.DataError, match=r"does not fit its schema.*check usdcny"):
        catalog.current().parse(resource, content)


def test_a_changed_descriptor_is_read_again(data):
    assert catalog.describe("usdcny")["asOf"] != "2030-01-01"
    path = data.folder / "datapackage.json"
    package = json.loads(path.read_text())
    for resource in package["resources"]:
        resource["asOf"] = "2030-01-01"
    path.write_text(json.dumps(package))
    assert catalog.load("usdcny").attrs["as_of"] == "2030-01-01"


def test_every_source_is_of_a_known_kind():
    assert set(catalog.sources()["kind"]) == {"primary", "secondary", "tertiary"}


def test_group_members_in_new_york_share_the_calendar_of_spy():
    """A group on another calendar must say so by its name; else an event study would slip."""
    members = catalog.load("groups").merge(catalog.load("tickers"), on="ticker")
    abroad = members[members["calendar"] != "XNYS"]
    assert set(abroad["group"]) == {"chip suppliers in Asia", "China technology, Hong Kong"}
    assert not set(abroad["group"]) & set(members.loc[members["calendar"] == "XNYS", "group"])


def test_computed_losses_follow_from_their_own_row():
    losses = catalog.load("largest-losses")
    loss = (losses["prev_close"] - losses["close"]) * losses["shares_used"] / 1e9
    np.testing.assert_allclose(loss, losses["loss_usd_bn"], atol=0.06)


def test_share_counts_are_consistent():
    shares = catalog.load("shares-outstanding")
    rebased = shares["shares_outstanding"] * shares["split_factor_to_2026_basis"]
    np.testing.assert_allclose(rebased, shares["shares_2026_basis"])
