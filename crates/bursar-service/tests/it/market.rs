//! Credit is listed, bought, spent and handed back, and the books are proven after each step.

use bursar_kernel::{GrantId, Origin, ProgramId, UpstreamGroup};
use bursar_policy::Viewer;
use bursar_service::ServiceError;
use bursar_trading::{NewListing, Right};

use crate::desk::{Desk, access, usd};

fn desk_program() -> ProgramId {
    ProgramId::new("brought-in-credit")
}

async fn issued(desk: &Desk, holder: &str, amount: &str, expires: Option<&str>) -> GrantId {
    let wanted = bursar_service::IssueGrant {
        program: desk_program(),
        holder_email: holder.to_owned(),
        amount: usd(amount),
        expires_at: expires.map(crate::desk::instant),
        title: "Left of a commitment".to_owned(),
        origin: Origin::Enterprise,
        tier: None,
    };
    desk.service.issue_grant(&Viewer::Operator, wanted).await.unwrap()
}

fn right() -> Right {
    Right {
        source: None,
        issuer: "OpenAI".to_owned(),
        reference: "Order form 12, section 4".to_owned(),
        accepted: true,
    }
}

fn wanted(grant: GrantId, face: &str, price: &str) -> NewListing {
    NewListing {
        grant,
        face: usd(face),
        price: price.parse().unwrap(),
        minimum: None,
        right: right(),
    }
}

/// A desk with $5,000 in the second program, and a seller and a buyer.
async fn market() -> (Desk, Viewer, GrantId, Viewer) {
    let desk = Desk::new("2026-11-25").await;
    desk.service.fund(&Viewer::Operator, &desk_program(), usd("5000")).await.unwrap();
    let grant = issued(&desk, "ops@firm.example", "1000", Some("2027-06-01")).await;
    let seller = desk.person("ops@firm.example", &[]).await;
    let buyer = desk.person("ada@lab.example", &[]).await;
    (desk, seller, grant, buyer)
}

fn fields(error: ServiceError) -> String {
    match &error {
        ServiceError::Invalid(errors) => {
            let each = errors.iter().map(|error| format!("{}: {}", error.field, error.message));
            each.collect::<Vec<_>>().join("; ")
        }
        ServiceError::NotFound(_)
        | ServiceError::SignInFirst
        | ServiceError::NotAllowed
        | ServiceError::Refused(_)
        | ServiceError::Conflict(_)
        | ServiceError::Unavailable(_) => error.to_string(),
    }
}

#[tokio::test]
async fn bought_credit_is_a_grant_and_both_sides_add_up() {
    let (desk, seller, grant, buyer) = market().await;
    let service = &desk.service;
    let listed =
        bursar_trading::list_credit(service, &seller, wanted(grant, "400", "55")).await.unwrap();
    let listing = listed.listing.id;
    let best = service.best_listing(&UpstreamGroup::new("openai")).await.unwrap().unwrap();
    assert_eq!((best.listing, best.offered), (listing, usd("400")));
    let ada = buyer.person().unwrap();
    let face = usd("150");
    let quote = bursar_trading::quote(service, &buyer, ada, listing, face).await.unwrap();
    assert_eq!(quote.cost, usd("82.50"));
    let poor =
        bursar_trading::buy(service, &buyer, ada, listing, (face, quote.cost)).await.unwrap_err();
    assert!(poor.to_string().ends_with("hint: pay in $82.50 first"), "{poor}");
    for _ in 0..2 {
        // Told twice, a transfer counts once.
        bursar_trading::pay_in(service, &Viewer::Operator, ada, usd("100"), "SEPA 1")
            .await
            .unwrap();
    }
    let dear =
        bursar_trading::buy(service, &buyer, ada, listing, (face, usd("82.49"))).await.unwrap_err();
    assert!(matches!(dear, ServiceError::Conflict(_)), "{dear}");
    let trade =
        bursar_trading::buy(service, &buyer, ada, listing, (face, quote.cost)).await.unwrap();
    let page = service.grant(&buyer, trade.buyer_grant).await.unwrap();
    assert_eq!((page.available, page.grant.amount), (face, face));
    assert_eq!(page.lots[0].lot.origin, Origin::Purchase);
    assert_eq!(page.grant.expires_at, Some(listed.listing.expires_at));
    let sold = service.grant(&seller, grant).await.unwrap();
    assert_eq!((sold.available, sold.sold), (usd("850"), face));
    let mine = bursar_trading::my_market(service, &buyer, ada).await.unwrap();
    assert_eq!((mine.cash.balance, mine.trades.len()), (usd("17.50"), 1));
    let theirs =
        bursar_trading::my_market(service, &seller, seller.person().unwrap()).await.unwrap();
    assert_eq!((theirs.cash.proceeds, theirs.listings[0].offered), (usd("82.50"), usd("250")));
    let mails = desk.mails().await.join("\n");
    assert!(mails.contains("You bought $150.00 of API credit"), "{mails}");
    assert!(mails.contains("You sold $150.00 of API credit"), "{mails}");
    // The buyer passes it on in turn, and is paid out; the rest of the cash goes back.
    let again = bursar_trading::list_credit(service, &buyer, wanted(trade.buyer_grant, "50", "60"))
        .await
        .unwrap();
    assert_eq!(again.listing.source, Origin::Purchase);
    let operator = Viewer::Operator;
    bursar_trading::refund(service, &operator, ada, usd("17.50"), "SEPA 2").await.unwrap();
    let firm = seller.person().unwrap();
    let left =
        bursar_trading::pay_out(service, &operator, firm, usd("82.50"), "SEPA 3").await.unwrap();
    assert_eq!(left.proceeds, usd("0"));
    desk.audit().await;
}

#[tokio::test]
async fn what_is_on_offer_is_what_is_listed_or_left() {
    let (desk, seller, grant, buyer) = market().await;
    let service = &desk.service;
    let listing = bursar_trading::list_credit(service, &seller, wanted(grant, "900", "50"))
        .await
        .unwrap()
        .listing;
    service.return_credit(&seller, grant, usd("940")).await.unwrap();
    assert_eq!(service.offer(listing.id).await.unwrap().offered, usd("60"));
    let ada = buyer.person().unwrap();
    let more =
        bursar_trading::quote(service, &buyer, ada, listing.id, usd("61")).await.unwrap_err();
    assert_eq!(fields(more), "amount: $60.00 is on offer now: buy that, or less");
    let own =
        bursar_trading::quote(service, &seller, seller.person().unwrap(), listing.id, usd("5"))
            .await;
    assert!(own.unwrap_err().to_string().starts_with("buy from your own listing"));
    let page = service.grant(&seller, grant).await.unwrap();
    assert_eq!((page.available, page.returned), (usd("60"), usd("940")));
    let pool = service.program_money(&Viewer::Operator, &desk_program()).await.unwrap();
    assert_eq!((pool.pool, pool.on_grants), (usd("4940"), usd("60")));
    bursar_trading::withdraw_listing(service, &seller, listing.id).await.unwrap();
    assert!(bursar_trading::market_front(service).await.unwrap().offers.is_empty());
    let twice = bursar_trading::withdraw_listing(service, &seller, listing.id).await.unwrap_err();
    assert!(twice.to_string().starts_with("use a listing that is withdrawn"), "{twice}");
    desk.audit().await;
}

#[tokio::test]
async fn research_credit_is_not_listed_and_its_ways_on_are_told() {
    let desk = Desk::new("2026-11-25").await;
    let service = &desk.service;
    let grant = desk.grant("ada@lab.example", "100").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let refused =
        bursar_trading::list_credit(service, &ada, wanted(grant, "50", "50")).await.unwrap_err();
    let text = refused.to_string();
    assert!(text.starts_with("list this credit: its transfer policy is `pool`"), "{text}");
    assert!(text.contains("hint: Return what you will not use"), "{text}");
    let page = bursar_trading::sell_desk(service, &ada, grant).await.unwrap();
    assert!(page.may_return && page.refused.is_some());
    service.return_credit(&ada, grant, page.available).await.unwrap();
    assert_eq!(service.grant(&ada, grant).await.unwrap().returned, usd("100"));
    assert_eq!(
        service.program_money(&Viewer::Operator, &access()).await.unwrap().on_grants,
        usd("0")
    );
    desk.audit().await;
}

#[tokio::test]
async fn nothing_is_listed_without_a_right_nor_by_somebody_else() {
    let (desk, seller, grant, buyer) = market().await;
    let service = &desk.service;
    let nothing = NewListing { right: Right::default(), ..wanted(grant, "50", "50") };
    let told = fields(bursar_trading::list_credit(service, &seller, nothing).await.unwrap_err());
    assert_eq!(told.matches(": ").count(), 4, "{told}");
    let dear = bursar_trading::list_credit(service, &seller, wanted(grant, "50", "70.01"))
        .await
        .unwrap_err();
    assert_eq!(fields(dear), "price: The price can be at most 70 % of face value here");
    let stranger =
        bursar_trading::list_credit(service, &buyer, wanted(grant, "50", "50")).await.unwrap_err();
    assert!(matches!(stranger, ServiceError::NotFound(_)), "{stranger}");
    let officer = desk.person("officer@lab.example", &[bursar_kernel::Role::Officer]).await;
    let by_officer = bursar_trading::list_credit(service, &officer, wanted(grant, "50", "50"))
        .await
        .unwrap_err();
    assert!(matches!(by_officer, ServiceError::NotAllowed), "{by_officer}");
    let listing = bursar_trading::list_credit(service, &seller, wanted(grant, "50", "50"))
        .await
        .unwrap()
        .listing;
    let stranger = bursar_trading::withdraw_listing(service, &buyer, listing.id).await.unwrap_err();
    assert!(matches!(stranger, ServiceError::NotAllowed), "{stranger}");
    let ada = buyer.person().unwrap();
    for viewer in [&seller, &officer, &Viewer::Nobody] {
        assert!(
            bursar_trading::buy(service, viewer, ada, listing.id, (usd("5"), usd("2.5")))
                .await
                .is_err()
        );
        assert!(bursar_trading::pay_in(service, viewer, ada, usd("5"), "mine").await.is_err());
    }
}

#[tokio::test]
async fn a_listing_ends_when_its_credit_expires() {
    let (desk, seller, grant, _) = market().await;
    let listing = bursar_trading::list_credit(&desk.service, &seller, wanted(grant, "50", "50"))
        .await
        .unwrap();
    desk.clock.put("2027-06-01");
    assert!(bursar_trading::market_front(&desk.service).await.unwrap().offers.is_empty());
    desk.service.run_due().await.unwrap();
    let ended = desk.service.offer(listing.listing.id).await.unwrap().listing.state;
    assert_eq!(ended.name(), "ended");
    desk.audit().await;
}
