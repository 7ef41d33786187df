//! Which files a condition may concern, by what the log says of them: the values of their folders, exactly, and the
//! bounds of all other columns.
//!
//! A file is left out only when no row of it can meet the condition.

use crate::error::{Error, Result};
use crate::scalar::{Kind, Scalar};
use crate::tokens::{Token, tokens};
use financelake_delta::{FileEntry, FileStatistics, TableState};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A condition on the columns of one table.
#[derive(Clone, Debug)]
pub struct Predicate {
    root: Node,
    columns: BTreeMap<String, Column>,
}

#[derive(Clone, Debug)]
struct Column {
    kind: Kind,
    partition: bool,
}

#[derive(Clone, Debug)]
enum Node {
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare(String, Comparison, Scalar),
    IsNull(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether there may be rows for which a condition is true, and rows for which it is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Possible {
    yes: bool,
    no: bool,
}

/// What is known of a column in one file.
#[derive(Clone, Debug)]
struct Range {
    low: Option<Scalar>,
    high: Option<Scalar>,
    /// Whether it may have a value, and whether it may have a NULL.
    values: bool,
    nulls: bool,
}

const UNKNOWN: Range = Range {
    low: None,
    high: None,
    values: true,
    nulls: true,
};

impl Predicate {
    /// Reads a condition such as `date >= '2024-01-01' AND region IN ('US', 'EU')`. There are `= <> < <= > >=`,
    /// `IN`, `BETWEEN`, `IS NULL`, `AND`, `OR`, `NOT` and parentheses; a column stands left, a constant right.
    ///
    /// # Errors
    /// [`Error::Argument`], with the place and what is understood instead.
    pub fn parse(text: &str, state: &TableState) -> Result<Self> {
        let schema: Value = serde_json::from_str(state.schema()).unwrap_or_default();
        let fields = schema["fields"].as_array().cloned().unwrap_or_default();
        let columns = fields.iter().filter_map(|field| {
            let name = field["name"].as_str()?.to_owned();
            let kind = Kind::of(field["type"].as_str().unwrap_or("nested"));
            let partition = state.partition_columns().contains(&name);
            Some((name, Column { kind, partition }))
        });
        let columns: BTreeMap<_, _> = columns.collect();
        let tokens = tokens(text)?;
        let mut parser = Parser {
            text,
            tokens: &tokens,
            at: 0,
            columns: &columns,
        };
        let root = parser.any()?;
        if parser.at < tokens.len() {
            return Err(parser.expected("AND, OR or the end"));
        }
        Ok(Self { root, columns })
    }

    /// Whether a row of the file may meet the condition.
    pub fn may_match(&self, file: &FileEntry) -> bool {
        let statistics = file.statistics();
        self.possible(&self.root, file, statistics.as_ref()).yes
    }

    fn possible(
        &self,
        node: &Node,
        file: &FileEntry,
        statistics: Option<&FileStatistics>,
    ) -> Possible {
        let range = |name: &String| self.range(name, file, statistics);
        match node {
            Node::And(left, right) => {
                let (left, right) = (
                    self.possible(left, file, statistics),
                    self.possible(right, file, statistics),
                );
                Possible {
                    yes: left.yes && right.yes,
                    no: left.no || right.no,
                }
            }
            Node::Or(left, right) => {
                let (left, right) = (
                    self.possible(left, file, statistics),
                    self.possible(right, file, statistics),
                );
                Possible {
                    yes: left.yes || right.yes,
                    no: left.no && right.no,
                }
            }
            Node::Not(inner) => {
                let inner = self.possible(inner, file, statistics);
                Possible {
                    yes: inner.no,
                    no: inner.yes,
                }
            }
            Node::IsNull(name) => {
                let range = range(name);
                Possible {
                    yes: range.nulls,
                    no: range.values,
                }
            }
            Node::Compare(name, comparison, value) => compare(&range(name), *comparison, value),
        }
    }

    fn range(&self, name: &str, file: &FileEntry, statistics: Option<&FileStatistics>) -> Range {
        let Some(column) = self.columns.get(name) else {
            return UNKNOWN;
        };
        if column.partition {
            return match file.partition.get(name).and_then(Option::as_deref) {
                None | Some("") => Range {
                    values: false,
                    ..UNKNOWN
                },
                Some(text) => match column.kind.parse(text) {
                    Some(value) => Range {
                        low: Some(value.clone()),
                        high: Some(value),
                        values: true,
                        nulls: false,
                    },
                    None => UNKNOWN,
                },
            };
        }
        let Some(statistics) = statistics else {
            return UNKNOWN;
        };
        let bound =
            |values: &serde_json::Map<String, Value>| column.kind.of_json(values.get(name)?);
        let nulls = statistics.null_count.get(name).and_then(Value::as_u64);
        Range {
            low: bound(&statistics.min_values),
            // Bounds of times are cut to milliseconds by some writers.
            high: bound(&statistics.max_values).map(|high| column.kind.widen(high)),
            values: nulls.is_none() || nulls != statistics.num_records,
            nulls: nulls != Some(0),
        }
    }
}

fn compare(range: &Range, comparison: Comparison, value: &Scalar) -> Possible {
    if !range.values {
        return Possible {
            yes: false,
            no: false,
        };
    }
    // A bound that cannot be compared says nothing.
    let order = |bound: &Option<Scalar>| bound.as_ref().and_then(|bound| bound.compare(value));
    let (low, high) = (order(&range.low), order(&range.high));
    let below = low.is_none_or(Ordering::is_lt);
    let above = high.is_none_or(Ordering::is_gt);
    let reaches = low.is_none_or(Ordering::is_le) && high.is_none_or(Ordering::is_ge);
    let from = high.is_none_or(Ordering::is_ge);
    let to = low.is_none_or(Ordering::is_le);
    let exact = low == Some(Ordering::Equal) && high == Some(Ordering::Equal);
    match comparison {
        Comparison::Equal => Possible {
            yes: reaches,
            no: !exact,
        },
        Comparison::Less => Possible {
            yes: below,
            no: from,
        },
        Comparison::LessOrEqual => Possible { yes: to, no: above },
        Comparison::Greater => Possible { yes: above, no: to },
        Comparison::GreaterOrEqual => Possible {
            yes: from,
            no: below,
        },
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [(usize, Token)],
    at: usize,
    columns: &'a BTreeMap<String, Column>,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Node> {
        let mut node = self.all()?;
        while self.keyword("OR") {
            node = Node::Or(Box::new(node), Box::new(self.all()?));
        }
        Ok(node)
    }

    fn all(&mut self) -> Result<Node> {
        let mut node = self.one()?;
        while self.keyword("AND") {
            node = Node::And(Box::new(node), Box::new(self.one()?));
        }
        Ok(node)
    }

    fn one(&mut self) -> Result<Node> {
        if self.keyword("NOT") {
            return Ok(Node::Not(Box::new(self.one()?)));
        }
        if self.symbol("(") {
            let node = self.any()?;
            return if self.symbol(")") {
                Ok(node)
            } else {
                Err(self.expected(")"))
            };
        }
        let (name, kind) = self.column()?;
        if self.keyword("IS") {
            let negated = self.keyword("NOT");
            let node = Node::IsNull(name);
            return if self.keyword("NULL") {
                Ok(negate(node, negated))
            } else {
                Err(self.expected("NULL"))
            };
        }
        let negated = self.keyword("NOT");
        if self.keyword("IN") {
            if !self.symbol("(") {
                return Err(self.expected("("));
            }
            let mut node =
                Node::Compare(name.clone(), Comparison::Equal, self.constant(&name, kind)?);
            while self.symbol(",") {
                let next =
                    Node::Compare(name.clone(), Comparison::Equal, self.constant(&name, kind)?);
                node = Node::Or(Box::new(node), Box::new(next));
            }
            return if self.symbol(")") {
                Ok(negate(node, negated))
            } else {
                Err(self.expected(", or )"))
            };
        }
        if self.keyword("BETWEEN") {
            let low = self.constant(&name, kind)?;
            if !self.keyword("AND") {
                return Err(self.expected("AND"));
            }
            let high = self.constant(&name, kind)?;
            let low = Node::Compare(name.clone(), Comparison::GreaterOrEqual, low);
            let node = Node::And(
                Box::new(low),
                Box::new(Node::Compare(name, Comparison::LessOrEqual, high)),
            );
            return Ok(negate(node, negated));
        }
        if negated {
            return Err(self.expected("IN or BETWEEN"));
        }
        let comparisons = [
            ("=", Comparison::Equal, false),
            ("==", Comparison::Equal, false),
            ("<>", Comparison::Equal, true),
            ("!=", Comparison::Equal, true),
            ("<", Comparison::Less, false),
            ("<=", Comparison::LessOrEqual, false),
            (">", Comparison::Greater, false),
            (">=", Comparison::GreaterOrEqual, false),
        ];
        for (symbol, comparison, negated) in comparisons {
            if self.symbol(symbol) {
                let constant = self.constant(&name, kind)?;
                return Ok(negate(Node::Compare(name, comparison, constant), negated));
            }
        }
        Err(self.expected("a comparison, IN, BETWEEN or IS NULL"))
    }

    fn column(&mut self) -> Result<(String, Kind)> {
        let name = match self.tokens.get(self.at) {
            Some((_, Token::Word(name) | Token::Quoted(name))) => name,
            _ => return Err(self.expected("a column")),
        };
        let found = self
            .columns
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        let Some((name, column)) = found else {
            let known: Vec<&str> = self.columns.keys().map(String::as_str).collect();
            return Err(Error::Argument(format!(
                "the condition {:?} names the column {name}, which the table does not have; it has {}",
                self.text,
                known.join(", ")
            )));
        };
        self.at += 1;
        Ok((name.clone(), column.kind))
    }

    fn constant(&mut self, column: &str, kind: Kind) -> Result<Scalar> {
        // `DATE '...'` and `TIMESTAMP '...'` are texts whose type the column says anyway.
        if matches!(self.tokens.get(self.at + 1), Some((_, Token::Text(_)))) {
            let _ = self.keyword("DATE") || self.keyword("TIMESTAMP");
        }
        let text = match self.tokens.get(self.at) {
            Some((_, Token::Text(text) | Token::Number(text))) => text.as_str(),
            Some((_, Token::Word(word)))
                if ["true", "false"].contains(&word.to_lowercase().as_str()) =>
            {
                word
            }
            _ => return Err(self.expected("a constant")),
        };
        let value = kind.parse(text).ok_or_else(|| {
            Error::Argument(format!(
                "the condition {:?} compares {column} with {text}; write {}",
                self.text,
                kind.example()
            ))
        })?;
        self.at += 1;
        Ok(value)
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((_, Token::Word(word))) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found =
            matches!(self.tokens.get(self.at), Some((_, Token::Symbol(found))) if *found == symbol);
        self.at += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> Error {
        let rest = self
            .tokens
            .get(self.at)
            .map_or("its end".into(), |(start, _)| {
                format!("{:?}", &self.text[*start..])
            });
        Error::Argument(format!(
            "the condition {:?}: expected {what} at {rest}",
            self.text
        ))
    }
}

fn negate(node: Node, negated: bool) -> Node {
    if negated {
        Node::Not(Box::new(node))
    } else {
        node
    }
}
