//! Instants and dates against jiff, an independent implementation.

use financelake_market::{
    MICROS_PER_DAY, Moment, epoch_day, parse_date, parse_instant, year_of_day,
};
use jiff::{Timestamp, civil};
use proptest::prelude::*;

fn micros(text: &str) -> Option<i64> {
    match parse_instant(text) {
        Ok(Moment::Instant(micros)) => Some(micros),
        _ => None,
    }
}

#[test]
fn every_day_from_year_1_to_9999_has_its_number_and_year() {
    let mut date = civil::date(1, 1, 1);
    let mut day = parse_date("0001-01-01").expect("the first day");
    loop {
        assert_eq!(year_of_day(day), i32::from(date.year()), "{date}");
        assert_eq!(parse_date(&date.to_string()), Ok(day), "{date}");
        if date == civil::date(9999, 12, 31) {
            break;
        }
        date = date.tomorrow().expect("a next day");
        day += 1;
    }
    assert_eq!(parse_date("1970-01-01"), Ok(0));
}

#[test]
fn the_date_is_the_utc_day() {
    for (micros, day, year) in [
        (0, 0, 1970),
        (-1, -1, 1969),
        (MICROS_PER_DAY - 1, 0, 1970),
        (MICROS_PER_DAY, 1, 1970),
        (951_782_400_000_000, 11_016, 2000),
    ] {
        assert_eq!(
            (epoch_day(micros), year_of_day(epoch_day(micros))),
            (day, year)
        );
    }
}

#[test]
fn writings_of_one_instant_are_equal() {
    let wanted = micros("2024-03-04T14:30:00Z").expect("an instant");
    for text in [
        "2024-03-04 14:30:00Z",
        "2024-03-04T14:30Z",
        "2024-03-04T09:30:00-05:00",
        "2024-03-04T09:30:00-0500",
        "2024-03-04T09:30:00-05",
        "2024-03-04T20:15:00+05:45",
        "2024-03-04T14:30:00.000000000Z",
        "2024-03-05T08:30:00+18:00",
    ] {
        assert_eq!(micros(text), Some(wanted), "{text}");
    }
    assert_eq!(micros("2024-03-04T14:30:00.5Z"), Some(wanted + 500_000));
    assert_eq!(micros("2024-03-04T14:30:00.000001Z"), Some(wanted + 1));
}

#[test]
fn what_leaves_a_doubt_is_refused() {
    for text in [
        "",
        "now",
        "2024-03-04",
        "2024-03-04T14:30:00",
        "2024-03-04T24:00:00Z",
        "2024-03-04T23:59:60Z",
        "2024-03-04T14:30:00.Z",
        "2024-03-04T14:30.5Z",
        "2024-03-04T14:30:00.0000001Z",
        "2024-03-04T14:30:00z",
        "2024-03-04t14:30:00Z",
        "2024-03-04T14:30:00Z ",
        " 2024-03-04T14:30:00Z",
        "2024-03-04  14:30:00Z",
        "2024-03-04T14:30:00+18:01",
        "2024-03-04T14:30:00+05:60",
        "2024-03-04T14:30:00+5",
        "2024-03-04T14:30:00+05:3",
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "+2024-03-04T14:30:00Z",
        "20240304T143000Z",
        "2024-03-04T14:30:00\u{2212}05:00",
        "٢024-03-04T14:30:00Z",
    ] {
        assert_eq!(micros(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn instants_equal_those_of_jiff(
        instant in -62_135_510_400_000_000_i64..253_402_214_400_000_000,
        offset in -18 * 60..=18 * 60_i32,
    ) {
        let stamp = Timestamp::from_microsecond(instant).expect("in range");
        prop_assert_eq!(micros(&stamp.to_string()), Some(instant));
        let zone = jiff::tz::Offset::from_seconds(offset * 60).expect("an offset");
        let text = stamp.display_with_offset(zone).to_string();
        prop_assert_eq!(micros(&text), Some(instant), "{}", text);
    }

    #[test]
    fn nothing_is_read_that_jiff_refuses(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-2][0-9](:[0-6][0-9]){1,2}(\\.[0-9]{1,7})?(Z|[+-][0-2][0-9](:?[0-6][0-9])?)") {
        if let Some(micros) = micros(&text) {
            let stamp: Timestamp = text.parse().expect("jiff reads what we read");
            prop_assert_eq!(stamp.as_microsecond(), micros);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = parse_instant(&text);
    }
}
