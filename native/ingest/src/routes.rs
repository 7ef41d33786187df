//! Which table a record goes to, and in which order tables are committed.
//!
//! Each topic has a home table: the one that its route names, or the first. How far a partition has come is
//! what its home says. Records of an asset class with a route of its own go to that table instead, which is committed
//! before the home: after a crash between the two, the records come again, and the table's own identifier of the
//! partition says which of them it has.

use crate::config::SinkConfig;
use crate::error::{Error, Result};
use financelake_market::AssetClass;
use std::collections::{BTreeMap, BTreeSet};

/// The tables of a sink, by number, and who goes where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Router {
    /// The tables' folders; the first one is for all that has no route.
    pub(crate) locations: Vec<String>,
    /// The tables in the order in which they are committed.
    pub(crate) order: Vec<usize>,
    topics: BTreeMap<String, usize>,
    classes: Vec<(AssetClass, usize)>,
}

impl Router {
    pub(crate) fn new(config: &SinkConfig) -> Result<Self> {
        let mut locations = vec![config.location.clone()];
        let mut number = |location: &String| {
            let same =
                |known: &String| known.trim_end_matches('/') == location.trim_end_matches('/');
            locations.iter().position(same).unwrap_or_else(|| {
                locations.push(location.clone());
                locations.len() - 1
            })
        };
        let mut topics = BTreeMap::new();
        for (topic, location) in &config.routes.topics {
            topics.insert(topic.clone(), number(location));
        }
        let mut classes = Vec::new();
        for (class, location) in &config.routes.asset_classes {
            let known = AssetClass::parse(class).ok_or_else(|| {
                Error::Config(format!(
                    "there is no asset class {class:?}; there are {}",
                    AssetClass::spellings()
                ))
            })?;
            classes.push((known, number(location)));
        }
        let order = order(locations.len(), &topics, &classes)?;
        Ok(Self {
            locations,
            order,
            topics,
            classes,
        })
    }

    /// The table of all records of a topic that no asset class takes away.
    pub(crate) fn home(&self, topic: &str) -> usize {
        self.topics.get(topic).copied().unwrap_or(0)
    }

    /// The table of an accepted record.
    pub(crate) fn table(&self, home: usize, class: AssetClass) -> usize {
        let mut routes = self.classes.iter();
        let route = routes.find(|(routed, _)| *routed == class);
        route.map_or(home, |(_, table)| *table)
    }
}

/// Tables of asset classes first, and homes after them.
fn order(
    tables: usize,
    topics: &BTreeMap<String, usize>,
    classes: &[(AssetClass, usize)],
) -> Result<Vec<usize>> {
    let homes: BTreeSet<usize> = topics.values().copied().chain([0]).collect();
    let taking: BTreeSet<usize> = classes.iter().map(|(_, table)| *table).collect();
    if homes.intersection(&taking).count() > 1 {
        return Err(Error::Config(
            "two tables would each have to be committed before the other: of the tables that asset classes go to, \
             only one may also be that of a topic"
                .to_owned(),
        ));
    }
    let rank = |table: &usize| (!taking.contains(table), homes.contains(table));
    let mut order: Vec<usize> = (0..tables).collect();
    order.sort_by_key(rank);
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &str) -> Result<Router> {
        let config = format!(r#"{{"location":"/stock","application":"a","routes":{routes}}}"#);
        Router::new(&SinkConfig::from_json(&config).unwrap())
    }

    #[test]
    fn topics_and_classes_have_their_tables() {
        let router = router(
            r#"{"topics":{"data_bond":"/bond/"},"asset_classes":{"bond_yield":"/bond","crypto":"/coins"}}"#,
        )
        .unwrap();
        assert_eq!(router.locations, ["/stock", "/bond/", "/coins"]);
        let (stock, bond) = (router.home("data_stock"), router.home("data_bond"));
        assert_eq!((stock, bond), (0, 1));
        assert_eq!(router.table(stock, AssetClass::BondYield), 1);
        assert_eq!(router.table(stock, AssetClass::Equity), 0);
        assert_eq!(router.table(bond, AssetClass::Crypto), 2);
        assert_eq!(router.order, [2, 1, 0], "who takes comes before who gives");
    }

    #[test]
    fn routes_that_cannot_be_kept_are_refused() {
        let circle = r#"{"topics":{"a":"/a"},"asset_classes":{"crypto":"/a","equity":"/stock"}}"#;
        assert!(
            router(circle)
                .unwrap_err()
                .to_string()
                .contains("two tables")
        );
        let unknown = router(r#"{"asset_classes":{"stocks":"/a"}}"#).unwrap_err();
        assert!(unknown.to_string().contains("bond_yield"), "{unknown}");
    }
}
