//! Against a server on this machine that answers with the API's shapes.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use super::*;

const DAY: i64 = 86_400;

/// Answers requests with one text after the other, the last one again and again; keeps their paths.
fn server(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let paths = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&paths);
    thread::spawn(move || {
        for (place, client) in listener.incoming().enumerate() {
            let mut client = client.unwrap();
            let mut lines = BufReader::new(client.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            let path = first.split(' ').nth(1).unwrap().to_owned();
            while lines.next().unwrap().unwrap() != "" {}
            seen.lock().unwrap().push(path);
            let answer = &answers[place.min(answers.len() - 1)];
            client.write_all(answer.as_bytes()).unwrap();
        }
    });
    (format!("http://{address}"), paths)
}

fn http(status: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n{body}"
    )
}

/// A chart of bars at these times, as the API gives it for a coin, which trades at all hours.
fn chart(times: &[i64]) -> String {
    let midnight = now() - now().rem_euclid(DAY);
    let prices: Vec<f64> = (0..times.len())
        .map(|place| 170.73 + place as f64)
        .collect();
    let volumes: Vec<u32> = (0..times.len() as u32).map(|place| place * 100).collect();
    let body = format!(
        r#"{{"chart":{{"result":[{{"meta":{{"currency":"USD","symbol":"BTC-USD","exchangeName":"CCC","fullExchangeName":"CCC",
        "instrumentType":"CRYPTOCURRENCY","firstTradeDate":1410912000,"regularMarketTime":{now},"hasPrePostMarketData":false,
        "gmtoffset":0,"timezone":"UTC","exchangeTimezoneName":"UTC","regularMarketPrice":170.73,"priceHint":2,
        "currentTradingPeriod":{{"pre":{{"timezone":"UTC","start":{midnight},"end":{midnight},"gmtoffset":0}},
        "regular":{{"timezone":"UTC","start":{midnight},"end":{end},"gmtoffset":0}},
        "post":{{"timezone":"UTC","start":{end},"end":{end},"gmtoffset":0}}}},
        "dataGranularity":"1m","range":"","validRanges":["1d","5d"]}},"timestamp":{times:?},
        "indicators":{{"quote":[{{"open":{prices:?},"volume":{volumes:?},"close":{prices:?},"low":{prices:?},"high":{prices:?}}}]}}
        }}],"error":null}}}}"#,
        now = now(),
        end = midnight + DAY - 60,
    );
    http("200 OK", "Content-Type: application/json\r\n", &body)
}

fn unknown() -> String {
    let error = r#"{"code":"Not Found","description":"No data found, symbol may be delisted"}"#;
    let body = format!(r#"{{"chart":{{"result":null,"error":{error}}}}}"#);
    http("404 Not Found", "", &body)
}

fn source(url: &str, symbols: &[&str], history: f64) -> Yahoo {
    let mut source = Yahoo::new(YahooOptions {
        symbols: symbols.iter().map(|&name| name.to_owned()).collect(),
        interval: Interval::Minute,
        history,
        per_minute: 60_000.0,
        retries: 3,
        url: url.to_owned(),
    })
    .unwrap();
    source.requests = source.requests.with_first_pause(Duration::from_millis(20));
    source
}

/// The records up to the first wait of a second or more, and that wait.
fn drain(source: &mut Yahoo) -> (Vec<String>, Duration) {
    let mut message = Message::default();
    let mut found = Vec::new();
    loop {
        match source.next(&mut message).unwrap() {
            Next::Record => {
                source.sent();
                found.push(String::from_utf8(message.value.clone()).unwrap());
            }
            Next::Later(wait) if wait < Duration::from_secs(1) => thread::sleep(wait),
            Next::Later(wait) => return (found, wait),
            Next::End => panic!("a live source has no end"),
        }
    }
}

/// The beginning of the minute so many minutes ago.
fn minute(ago: i64) -> i64 {
    (now() / 60 - ago) * 60
}

#[test]
fn finished_bars_come_once_whatever_fails_on_the_way() {
    let times = [minute(3), minute(2), minute(0)];
    let (url, paths) = server(vec![
        http("503 Service Unavailable", "", "later"),
        http(
            "429 Too Many Requests",
            "Retry-After: 0\r\n",
            "Too Many Requests",
        ),
        chart(&times),
    ]);
    let mut source = source(&url, &["BTC-USD"], 0.5);
    let start = Instant::now();
    let (records, wait) = drain(&mut source);
    assert_eq!(records.len(), 2, "{records:?}");
    let ts = Timestamp::from_second(minute(3)).unwrap();
    assert_eq!(
        records[0],
        format!(
            r#"{{"symbol":"BTC-USD","ts":"{ts}","freq":"1m","source":"yahoo","adjustment":"split","open":170.73,"high":170.73,"low":170.73,"close":170.73,"volume":0.0,"currency":"USD","region":"GLOBAL","asset_class":"crypto"}}"#
        )
    );
    assert!(wait <= Duration::from_secs(66), "{wait:?}");
    assert!(start.elapsed() >= Duration::from_millis(10));
    let paths = paths.lock().unwrap();
    assert_eq!(paths.len(), 3);
    assert!(
        paths[0].starts_with("/v8/finance/chart/BTC-USD?interval=1m&period1="),
        "{}",
        paths[0]
    );
    // The same request is tried again.
    assert!(paths[1] == paths[0] && paths[2] == paths[0]);
}

#[test]
fn records_pass_the_rules() {
    use financelake_market::{Outcome, Parser, ParserConfig};
    let (url, _) = server(vec![chart(&[minute(3)])]);
    let (records, _) = drain(&mut source(&url, &["BTC-USD"], 0.5));
    let parser = Parser::new(&ParserConfig::default()).unwrap();
    let Outcome::Accepted(record) = parser.parse(records[0].as_bytes(), i64::MAX) else {
        panic!("{records:?}");
    };
    assert_eq!(record.series(), "BTC-USD/1m/yahoo/split");
}

#[test]
fn a_bookmark_leaves_out_what_was_sent() {
    let times = [minute(4), minute(3), minute(2)];
    let (url, paths) = server(vec![chart(&times)]);
    let mut first = source(&url, &["BTC-USD"], 0.5);
    let mut message = Message::default();
    while first.next(&mut message).unwrap() != Next::Record {}
    first.sent();
    // The second one was given out, but not handed over.
    assert_eq!(first.next(&mut message).unwrap(), Next::Record);
    let bookmark = first.bookmark();
    let mut second = source(&url, &["BTC-USD"], 0.5);
    second.resume(1, &bookmark).unwrap();
    assert_eq!(drain(&mut second).0.len(), 2);
    let asked = format!("&period1={}&", minute(4) + 1);
    assert!(
        paths.lock().unwrap()[1].contains(&asked),
        "{:?}",
        paths.lock()
    );
    assert!(second.resume(1, &"x".into()).is_err());
}

#[test]
fn a_symbol_that_is_not_known_is_left_out_and_the_others_go_on() {
    let (url, paths) = server(vec![unknown(), chart(&[minute(2)])]);
    let mut some = source(&url, &["^NONE", "BTC-USD"], 0.5);
    assert_eq!(drain(&mut some).0.len(), 1);
    assert!(paths.lock().unwrap()[0].starts_with("/v8/finance/chart/%5ENONE?"));
    let (url, _) = server(vec![unknown()]);
    let mut none = source(&url, &["NONE"], 0.5);
    let refused = loop {
        match none.next(&mut Message::default()) {
            Ok(Next::Later(wait)) => thread::sleep(wait),
            other => break other.err().unwrap(),
        }
    };
    assert!(
        refused.to_string().contains("no symbol is left"),
        "{refused}"
    );
}

#[test]
fn a_long_history_is_asked_for_in_the_pieces_that_the_api_gives() {
    let (url, paths) = server(vec![chart(&[]), chart(&[minute(2)])]);
    assert_eq!(drain(&mut source(&url, &["BTC-USD"], 10.0)).0.len(), 1);
    let paths = paths.lock().unwrap();
    let period = |path: &str, name: &str| -> i64 {
        let value = path.split(&format!("{name}=")).nth(1).unwrap();
        value.split('&').next().unwrap().parse().unwrap()
    };
    let pieces: Vec<(i64, i64)> = paths
        .iter()
        .map(|path| (period(path, "period1"), period(path, "period2")))
        .collect();
    assert_eq!(pieces.len(), 2);
    assert_eq!(pieces[0].1 - pieces[0].0, 7 * DAY);
    assert_eq!(pieces[1].0, pieces[0].1);
    assert!((now() - pieces[1].1) < 10);
}

#[test]
fn a_server_that_stays_away_is_asked_later() {
    let (url, paths) = server(vec![http("500 Internal Server Error", "", "")]);
    let (records, wait) = drain(&mut source(&url, &["BTC-USD"], 0.5));
    assert!(records.is_empty());
    assert!(wait > Duration::from_secs(50), "{wait:?}");
    // Once, and three times again.
    assert_eq!(paths.lock().unwrap().len(), 4);
}

#[test]
fn options_that_ask_for_nothing_are_refused() {
    let options = YahooOptions {
        symbols: Vec::new(),
        interval: Interval::Day,
        history: 1.0,
        per_minute: 60.0,
        retries: 5,
        url: YAHOO_URL.to_owned(),
    };
    assert!(Yahoo::new(options.clone()).is_err());
    let symbols = vec!["AAPL".to_owned()];
    let url = "query1.finance.yahoo.com".to_owned();
    assert!(
        Yahoo::new(YahooOptions {
            symbols,
            url,
            ..options
        })
        .is_err()
    );
}
