//! The programs that are run here, in the shape of the `CommonGrants` protocol: what it lists and
//! reads of opportunities. Public facts alone, for whoever gathers calls of many funders.
//!
//! An opportunity is a program, and lasts as long as it does; its dates are those of the round that
//! an application of now would be part of. It is there from when its first edition ran.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bursar_kernel::{Program, Timestamp, Usd};
use bursar_program::calendar::{Round, round_for};
use bursar_program::ics::has_days;
use bursar_service::ServiceError;
use bursar_web::{Answer, Asked, At, OrPage as _, Visit};
use serde_json::{Value, json};

/// Opportunities of a page at the most, which is what the protocol has where nothing is asked.
const PAGE_SIZE_MAX: usize = 100;

/// A page of the opportunities, the one that changed last first.
pub(super) async fn list(visit: Visit, Asked(asked): Asked<BTreeMap<String, String>>) -> Answer {
    let number = |name: &str, or: usize| match asked.get(name).map(|text| text.parse::<usize>()) {
        None => Ok(or),
        Some(Ok(number)) if 0 < number => Ok(number),
        Some(Ok(_) | Err(_)) => Err(format!("`{name}` is a whole number from 1 on")),
    };
    let wanted = number("page", 1).and_then(|page| Ok((page, number("pageSize", PAGE_SIZE_MAX)?)));
    let (page, size) = match wanted {
        Ok((page, size)) => (page, size.min(PAGE_SIZE_MAX)),
        Err(message) => return Ok(refused(StatusCode::BAD_REQUEST, &message)),
    };
    let all = opportunities(&visit).await.or_page(&visit)?;
    let skipped = page.saturating_sub(1).saturating_mul(size);
    let items: Vec<&Value> =
        all.iter().skip(skipped).take(size).map(|(_, opportunity)| opportunity).collect();
    Ok(answer(
        StatusCode::OK,
        &json!({
            "status": 200,
            "message": "Success",
            "items": items,
            "paginationInfo": {
                "page": page,
                "pageSize": size,
                "totalItems": all.len(),
                "totalPages": all.len().div_ceil(size),
            },
        }),
    ))
}

/// An opportunity by its id.
pub(super) async fn read(visit: Visit, At(id): At<String>) -> Answer {
    let all = opportunities(&visit).await.or_page(&visit)?;
    let found = all.into_iter().find(|(_, opportunity)| opportunity["id"] == id.as_str());
    Ok(match found {
        Some((_, data)) => {
            let body = json!({ "status": 200, "message": "Success", "data": data });
            answer(StatusCode::OK, &body)
        }
        None => refused(StatusCode::NOT_FOUND, "There is no such opportunity"),
    })
}

fn refused(status: StatusCode, message: &str) -> Response {
    answer(status, &json!({ "status": status.as_u16(), "message": message, "errors": [] }))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (status, headers, body.to_string()).into_response()
}

/// All opportunities with when each changed last, the latest first.
async fn opportunities(visit: &Visit) -> Result<Vec<(Timestamp, Value)>, ServiceError> {
    let (service, now) = (visit.service(), visit.frame().now);
    let mut ran: BTreeMap<_, (Timestamp, Timestamp)> = BTreeMap::new();
    for edition in service.store().editions().await? {
        let at = edition.first_run_at;
        let (first, last) = ran.entry(edition.program).or_insert((at, at));
        (*first, *last) = ((*first).min(at), (*last).max(at));
    }
    let mut all: Vec<(Timestamp, Value)> = service
        .programs()
        .iter()
        .filter_map(|program| {
            let (first, last) = *ran.get(&program.id)?;
            let opportunity = opportunity(program, (first, last), service.base_url(), now);
            Some((last, opportunity))
        })
        .collect();
    all.sort_by_key(|(last, opportunity)| (Reverse(*last), opportunity["title"].to_string()));
    Ok(all)
}

fn opportunity(
    program: &Program,
    (first, last): (Timestamp, Timestamp),
    base_url: &str,
    now: Timestamp,
) -> Value {
    let round = round_for(program, now).filter(|_| program.takes_applications());
    let (status, says) = match &round {
        Some(round) if round.collects(now) => ("open", "It takes applications now"),
        Some(_) => ("forecasted", "Its next round does not take applications yet"),
        None if program.takes_applications() => ("open", "It takes applications now"),
        None => ("closed", "It takes no applications"),
    };
    let mut told = json!({
        "id": id(base_url, program),
        "title": program.name,
        "status": { "value": status, "description": says },
        "description": program.summary,
        "funding": funding(program),
        "source": format!("{base_url}/programs/{}", program.id),
        "createdAt": first,
        "lastModifiedAt": last,
    });
    if let Some(round) = round.filter(|_| has_days(program)) {
        told["keyDates"] = dates(program, &round);
    }
    told
}

/// The same UUID for a program as long as it is run here (RFC 9562, version 8).
fn id(base_url: &str, program: &Program) -> String {
    let hash = blake3::hash(format!("{base_url}/programs/{}", program.id).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    let free = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62);
    let hex = format!("{:032x}", free | (0x8 << 76) | (0x2 << 62));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn funding(program: &Program) -> Value {
    let award = &program.award;
    let most = award.above_typical.as_ref().map_or(award.typical_max, |above| above.max);
    let mut told = json!({});
    if most.is_positive() {
        told["maxAwardAmount"] = money(most);
    }
    if let Some(count) = award.per_round_max {
        told["maxAwardCount"] = json!(count);
    }
    if let Some(in_kind) = &award.in_kind {
        told["details"] = json!(in_kind);
    }
    told
}

fn money(amount: Usd) -> Value {
    json!({ "amount": amount.to_string(), "currency": "USD" })
}

fn dates(program: &Program, round: &Round) -> Value {
    let zone = program.review.zone.iana_name().unwrap_or("UTC");
    let event = |name: &str, at: Timestamp| {
        let at = at.to_zoned(program.review.zone.clone());
        json!({
            "name": name,
            "eventType": "singleDate",
            "date": at.date().to_string(),
            "time": at.time().strftime("%H:%M:%S").to_string(),
            "description": format!("In {zone}"),
        })
    };
    json!({
        "postDate": event("Applications are taken from", round.collects_from),
        "closeDate": event("Applications close", round.review_begins),
        "otherDates": { "reviewEnds": event("The review ends", round.review_ends) },
    })
}
