//! A price table is brought, looked at and decided on by a script.

use bursar_api::types::{DecideOnPrices, ProposePrices};
use bursar_kernel::PriceVersion;

use crate::house::House;

fn decision(approve: bool, reason: Option<&str>) -> DecideOnPrices {
    DecideOnPrices { approve, effective_from: None, reason: reason.map(str::to_owned) }
}

#[tokio::test]
async fn a_script_brings_a_price_table_and_lets_it_hold() {
    let house = House::open().await;
    bursar_operator::install_prices(&house.service).await.unwrap();
    let client = &house.client;
    let shipped = house.service.catalog().version.clone();
    let document = client.prices_in_force().await.unwrap().document;
    let document = document.replacen(shipped.as_str(), "next", 1);
    let document = document.replace("input = \"0.15\"", "input = \"0.16\"");
    let wanted = ProposePrices { document: document.clone() };
    let proposed = client.propose_prices(&wanted).await.unwrap();
    assert_eq!((proposed.table.state.as_str(), proposed.in_force), ("proposed", false));
    assert!(
        proposed.changes.contains(&"gpt-4o-mini: standard input 0.15 -> 0.16 (+6 %)".to_owned()),
        "{:?}",
        proposed.changes
    );
    let twice = client.propose_prices(&wanted).await.unwrap_err().to_string();
    assert!(twice.contains("give this one another version"), "{twice}");

    let next = PriceVersion::new("next");
    let silent = client.decide_on_prices(&next, &decision(false, None)).await.unwrap_err();
    assert!(silent.to_string().contains("Say why it is not used"), "{silent}");
    let approved = client.decide_on_prices(&next, &decision(true, None)).await.unwrap();
    assert!(approved.in_force && approved.table.effective_from.is_some());
    assert_eq!(client.price_table(&next).await.unwrap(), approved);
    let tables = client.price_tables().await.unwrap();
    assert_eq!((tables.in_force.as_str(), tables.tables.len()), ("next", 2));
    assert_eq!(client.prices_in_force().await.unwrap().document, document);
    let none = PriceVersion::new("a/b");
    let missing = client.price_table(&none).await.unwrap_err().to_string();
    assert!(missing.contains("there is no price table `a/b`"), "{missing}");
    let broken = ProposePrices { document: "version = 1".to_owned() };
    let broken = client.propose_prices(&broken).await.unwrap_err().to_string();
    assert!(broken.contains("the price table:1:11"), "{broken}");
}
