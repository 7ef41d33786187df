//! Whether prices follow a trend or a cycle.

use crate::definitions::{CLOSE, whole};
use crate::{
    averages::dominant::{SETTLING, dominant},
    definitions::cycle::phase::{phase, sines},
    registry::{Definition, Parity, Source},
    scan::Scan,
};

pub(super) const HT_TRENDMODE: Definition = Definition {
    name: "ht_trendmode",
    group: "Cycle Indicators",
    summary: "1 where prices follow a trend, 0 where they follow the dominant cycle that the Hilbert transform finds \
              (Ehlers 2001).",
    formula: "0 where fewer than period / 2 rows passed since sine and lead_sine of ta_ht_sine crossed, or where 0.67 \
              * 360 / period < phase - phase[1] < 1.5 * 360 / period; else, and always where abs(smooth - line) >= 1.5 \
              % of line, 1; with period, smooth, phase and line as in ta_ht_dcperiod, ta_ht_dcphase and \
              ta_ht_trendline",
    inputs: &[CLOSE],
    params: &[],
    outputs: &[whole("value")],
    parity: Parity::Bits,
    source: Source::TaLib("HT_TRENDMODE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let dominant = dominant(graph, inputs[0]);
        let phase = phase(graph, dominant);
        let [sine, lead] = sines(graph, dominant);
        let inputs = [
            dominant.smooth,
            dominant.period,
            dominant.line,
            phase,
            sine,
            lead,
        ];
        let [mode] = graph.scan(Mode, inputs, [], SETTLING);
        vec![mode]
    },
};

/// Memory: the last phase, sine and leading sine, and the rows since the sines crossed.
struct Mode;

impl Scan<6, 1, 4, 0> for Mode {
    #[inline(always)]
    fn step(
        memory: &mut [f64; 4],
        _: u64,
        [smooth, period, line, phase, sine, lead]: [f64; 6],
        _: [f64; 0],
    ) -> [f64; 1] {
        let [last_phase, last_sine, last_lead, mut rows] = *memory;
        let mut trend = true;
        // The sines cross where the cycle turns.
        if (sine > lead && last_sine <= last_lead) || (sine < lead && last_sine >= last_lead) {
            rows = 0.0;
            trend = false;
        }
        rows += 1.0;
        if rows < 0.5 * period {
            trend = false;
        }
        // The phase advances as it does in a cycle.
        let turn = phase - last_phase;
        let (least, most) = (0.67 * 360.0 / period, 1.5 * 360.0 / period);
        if period != 0.0 && turn > least && turn < most {
            trend = false;
        }
        if line != 0.0 && ((smooth - line) / line).abs() >= 0.015 {
            trend = true;
        }
        *memory = [phase, sine, lead, rows];
        [f64::from(u8::from(trend))]
    }
}
