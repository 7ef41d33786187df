//! An accepted record in one form: what differs between producers and means the same is written the same.
//!
//! Every field has its name in the contract, what was filled in stands there, numbers are numbers in their
//! shortest form, instants are in UTC. Unknown fields follow as they stood. Deciding the result again gives
//! the same record.

use crate::fields::push_json_text;
use crate::instant::format_instant;
use crate::record::Record;

impl Record<'_> {
    /// The record as the text of one JSON object. Fields without a value are left out, and so are open, high and
    /// low where they only repeat close.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(256);
        let mut text = |name: &str, value: &str| {
            out.push_str(if out.is_empty() { "{\"" } else { ",\"" });
            out.push_str(name);
            out.push_str("\":");
            push_json_text(&mut out, value);
        };
        text("symbol", &self.symbol);
        text("ts", &format_instant(self.ts));
        text("freq", self.freq.as_str());
        text("source", &self.source);
        text("adjustment", self.adjustment.as_str());
        text("region", self.region.as_str());
        text("asset_class", self.asset_class.as_str());
        for (name, value) in [("currency", &self.currency), ("event_id", &self.event_id)] {
            if let Some(value) = value {
                text(name, value);
            }
        }
        out.push_str(&format!(
            ",\"seq\":{},\"revision\":{}",
            self.seq, self.revision
        ));
        // The debug form is the shortest that reads back the same, with an exponent where it is shorter.
        let mut number = |name: &str, value: f64| out.push_str(&format!(",\"{name}\":{value:?}"));
        if !self.closes_only {
            number("open", self.open);
            number("high", self.high);
            number("low", self.low);
        }
        number("close", self.close);
        if let Some(volume) = self.volume {
            number("volume", volume);
        }
        if let Some(fields) = self
            .extra
            .as_deref()
            .and_then(|extra| extra.strip_prefix('{'))
        {
            out.push(',');
            out.push_str(fields);
        } else {
            out.push('}');
        }
        out
    }
}
