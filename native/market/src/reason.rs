//! Why a record was refused: one list of reason codes, used in tables, documents and tests.

/// A refused record: the reason code and a sentence that names the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code stored in the column `reason`.
    pub reason: Reason,
    /// What was found, in words, with the value (long values cut), free of control characters.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

macro_rules! reasons {
    ($($variant:ident, $code:literal, $meaning:literal;)*) => {
        /// The reason codes of refusals; [`Reason::code`] is the spelling in tables.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $(#[doc = $meaning] $variant,)*
        }

        impl Reason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &[Reason] = &[$(Reason::$variant,)*];

            /// The code as stored in the column `reason`.
            pub fn code(self) -> &'static str {
                match self { $(Reason::$variant => $code,)* }
            }

            /// What the code means, in one line.
            pub fn meaning(self) -> &'static str {
                match self { $(Reason::$variant => $meaning,)* }
            }
        }
    };
}

reasons! {
    BadUtf8, "bad_utf8", "the bytes are not UTF-8";
    MalformedJson, "malformed_json", "the bytes are not exactly one JSON object (or one CSV line with the declared columns)";
    DeepNesting, "deep_nesting", "arrays or objects are nested more than 32 levels deep";
    NanLiteral, "nan_literal", "a bare NaN, Infinity or -Infinity, which JSON does not have";
    BadEscape, "bad_escape", "an escape that JSON does not have, or half of a surrogate pair";
    ControlByte, "control_byte", "a control character inside a text";
    DuplicateKeys, "duplicate_keys", "a field name twice in one object";
    DriftRenamedField, "drift_renamed_field", "an unknown field whose name is a known one in another spelling";
    DriftNested, "drift_nested", "a required field stands inside a nested object";
    DriftUnits, "drift_units", "a value in other units: a price_scale, or a yield in percent";
    MissingField, "missing_field", "a required field is absent and cannot be filled from the reference";
    NullField, "null_field", "a required field is null (in CSV: empty)";
    WrongType, "wrong_type", "a value of the wrong type or outside its list of values";
    NumberText, "number_text", "a number written with separators, signs or units around it";
    NanText, "nan_text", "a text such as NaN, null or N/A in place of a number";
    HugeNumber, "huge_number", "a number outside the range that the field may have";
    BadSymbol, "bad_symbol", "a symbol or source that cannot stand in a series";
    BadTs, "bad_ts", "ts is not an ISO-8601 instant with a zone, or not a real time";
    FutureTs, "future_ts", "ts is more than 5 minutes after the record was received";
    UnknownAssetClass, "unknown_asset_class", "asset_class is null, unknown, or not the one of the instrument";
    UnknownRegion, "unknown_region", "region is null, empty or unknown";
    RegionMismatch, "region_mismatch", "the reference has the instrument in another region";
    NegativePrice, "negative_price", "a price below zero";
    ZeroPrice, "zero_price", "a price of zero";
    NegativeVolume, "negative_volume", "a volume below zero";
    HighBelowLow, "high_below_low", "high is below low";
    OpenOutsideRange, "open_outside_range", "open is above high or below low";
    CloseOutsideRange, "close_outside_range", "close is above high or below low";
    Outlier, "outlier", "a raw price outside the plausible range that the reference gives";
    DuplicateConflict, "duplicate_conflict", "another row of the same key and revision came first and differs";
}

impl Reason {
    /// The code of blank input, which is neither accepted nor refused: it is skipped.
    pub const EMPTY_LINE: &str = "empty_line";

    /// The reason with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
    }
}

/// A value as it may be shown in a detail: quoted, escaped, cut to 40 characters.
pub(crate) fn quoted(value: &str) -> String {
    let mut clipped: String = value.chars().take(40).collect();
    if clipped.len() < value.len() {
        clipped.push('…');
    }
    format!("{clipped:?}")
}

/// A number token as it stood in the record, cut to 40 characters.
pub(crate) fn clipped(token: &str) -> String {
    let mut clipped: String = token.chars().take(40).collect();
    if clipped.len() < token.len() {
        clipped.push('…');
    }
    clipped
}
