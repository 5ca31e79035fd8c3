//! Records of ROR, as its documented schema has them.

use bursar_institutions::Institution;
use bursar_institutions::dump::{Seen, read_dump};
use bursar_institutions::ror::{Record, Standing, fold, sought};

fn read(text: &str) -> Result<Institution, String> {
    let record: Result<Record, _> = serde_json::from_str(text);
    record.map_err(|error| error.to_string()).and_then(Record::institution)
}

/// Each field of schema 2.0; 2.1 says more of a place.
const RECORD: &str = r#"{
    "admin": {"created": {"date": "2018-11-14", "schema_version": "1.0"},
        "last_modified": {"date": "2026-02-21", "schema_version": "2.0"}},
    "domains": ["Uni.Example", "uni.example", "not a domain"], "established": 1868,
    "external_ids": [{"type": "grid", "all": ["grid.1.1"], "preferred": null}],
    "id": "https://ror.org/00pjdza24", "links": [{"type": "website", "value": "http://u.example"}],
    "locations": [{"geonames_id": 1, "geonames_details":
        {"country_code": "US", "country_name": "United States", "lat": 37.8, "lng": -122.2,
        "name": "Oakland" PLACE}}],
    "names": [{"value": "UC", "types": ["acronym"], "lang": "en"},
        {"value": "A  University\n", "types": ["ror_display", "label"], "lang": "en"},
        {"value": "Université", "types": ["label"], "lang": "fr"}],
    "relationships": [{"id": "https://ror.org/02jbv0t02", "label": "A lab", "type": "child"},
        {"id": "https://ror.org/01an7q238", "label": "Over it", "type": "parent"},
        {"id": "https://ror.org/046rm7j60", "label": "Now", "type": "successor"}],
    "status": "STATUS", "types": ["education", "funder"]}"#;

#[test]
fn both_schemas_are_read() {
    let more = r#", "continent_code": "NA", "continent_name": "North America",
        "country_subdivision_code": "CA", "country_subdivision_name": "California""#;
    for place in ["", more] {
        let text = RECORD.replace("PLACE", place).replace("STATUS", "active");
        let expected = Institution {
            ror: "00pjdza24".to_owned(),
            name: "A University".to_owned(),
            names: vec!["UC".to_owned(), "Université".to_owned()],
            country: Some("US".to_owned()),
            city: Some("Oakland".to_owned()),
            kinds: vec!["education".to_owned(), "funder".to_owned()],
            domains: vec!["uni.example".to_owned()],
            standing: Standing::Active,
            successors: vec!["046rm7j60".to_owned()],
            parents: vec!["01an7q238".to_owned()],
            modified: "2026-02-21".to_owned(),
        };
        assert_eq!(read(&text), Ok(expected));
    }
}

#[test]
fn what_may_be_empty_may_be_missing() {
    let bare = r#"{"id": "https://ror.org/00pjdza24", "status": "withdrawn", "domains": null,
        "locations": [{"geonames_id": 1, "geonames_details": null}], "relationships": null,
        "admin": null, "names": [{"value": "A", "types": [], "lang": null}]}"#;
    let read = read(bare).expect("it is read");
    assert_eq!((read.standing, read.name.as_str()), (Standing::Withdrawn, "A"));
    assert!(!read.is_academic(), "nobody says what it is");
}

#[test]
fn what_is_wrong_with_a_record_is_said() {
    let text = RECORD.replace("PLACE", "").replace("STATUS", "active");
    let of = |from: &str, to: &str| read(&text.replace(from, to)).err().unwrap_or_default();
    assert!(of("00pjdza24", "00pjdza25").contains("is not an id of ROR"));
    assert!(of("\"active\"", "\"asleep\"").contains("a status that is not known: `asleep`"));
    assert!(of("\"id\": \"https://ror.org/00p", "\"ID\": \"https://ror.org/00p").contains("`id`"));
}

#[test]
fn companies_show_no_affiliation_with_research() {
    let text = RECORD.replace("PLACE", "").replace("STATUS", "active");
    let kinds = |kinds: &str| {
        read(&text.replace(r#"["education", "funder"]"#, kinds)).expect("it is read").is_academic()
    };
    assert!(kinds(r#"["education"]"#) && kinds(r#"["facility", "funder"]"#));
    assert!(!kinds(r#"["company"]"#) && !kinds(r#"["education", "company"]"#));
    assert!(!kinds(r#"["funder"]"#));
}

#[test]
fn names_are_found_however_they_are_written() {
    assert_eq!(fold("L'Université  de Montréal (UdeM)"), " luniversite de montreal udem");
    assert_eq!(fold("Łódź—Ærø Straße, St. Gallen"), " lodz aero strasse st gallen");
    assert_eq!(fold("e\u{301}cole 東京大学"), " ecole 東京大学");
    assert_eq!(sought(" 100% _ "), ["100"]);
    assert!(sought(" -- ").is_empty());
}

fn tried(text: &str) -> (Result<Seen, String>, Vec<usize>) {
    let mut parts = Vec::new();
    let seen = read_dump(text.as_bytes(), 3, |part| {
        parts.push(part.len());
        parts.len() < 5
    });
    (seen, parts)
}

const SHORT: &str = r#"{"id": "https://ror.org/052gg0110", "status": "active",
    "names": [{"value": "University of Oxford", "types": ["ror_display"], "lang": "en"}]}"#;

#[test]
fn a_dump_of_any_length_is_read_in_parts_and_what_is_wrong_in_it_is_told() {
    let mut records = vec![SHORT; 7];
    records.insert(1, r#"{"id": "https://ror.org/052gg0111", "status": "active", "names": []}"#);
    records.insert(2, r#"{"name": "of schema 1"}"#);
    let (seen, parts) = tried(&format!("[{}]", records.join(",")));
    let seen = seen.expect("it is read");
    assert_eq!((seen.records, seen.wrong), (9, 2));
    assert!(seen.why.iter().any(|why| why.starts_with("record 2: ")), "{:?}", seen.why);
    assert_eq!(parts, [3, 3, 1]);
    let (stopped, parts) = tried(&format!("[{}]", [SHORT; 40].join(",")));
    assert!(stopped.is_err_and(|error| error.contains("not read to its end")));
    assert_eq!(parts.len(), 5);
}

#[test]
fn what_is_no_dump_is_refused_with_a_hint() {
    for (text, said) in [
        ("PK\u{3}\u{4}…", "it is a zip archive"),
        ("{}", "it is not an array of records"),
        (&format!("[{SHORT}"), "it is not an array of records"),
        (&format!("[{SHORT}] []"), "something follows the array"),
        (r#"[{"name": "of schema 1"}]"#, "schema 1 is not read"),
        ("", "it is not an array of records"),
    ] {
        let (seen, _) = tried(text);
        let error = seen.expect_err("it is refused");
        assert!(error.contains(said), "{error}");
    }
}
