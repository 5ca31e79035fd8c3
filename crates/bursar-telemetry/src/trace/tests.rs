//! What is read of a caller's trace, and what an upstream is told.

use super::*;

const CALLERS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn headers(values: &[&str]) -> HeaderMap {
    let values = values.iter().map(|value| (TRACEPARENT, HeaderValue::from_str(value).unwrap()));
    values.collect()
}

fn begun(values: &[&str], percent: u32) -> Option<Trace> {
    Trace::begin(&headers(values), BasisPoints::percent(percent))
}

fn told(trace: Trace) -> String {
    trace.header().1.to_str().unwrap().to_owned()
}

#[test]
fn a_call_takes_its_place_in_its_callers_trace() {
    let trace = begun(&[CALLERS], 100).unwrap();
    assert!(trace.is_sampled());
    assert_eq!(hex(&trace.parent.unwrap()), "b7ad6b7169203331");
    let header = told(trace);
    assert!(header.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{header}");
    assert!(header.ends_with("-01") && !header.contains("b7ad6b7169203331"), "{header}");
    assert_ne!(begun(&[CALLERS], 100).unwrap().span, trace.span, "each call has its own");
}

#[test]
fn what_is_not_exported_is_passed_on_as_it_came() {
    assert_eq!(told(begun(&[CALLERS], 0).unwrap()), CALLERS.replace("-01", "-00"));
    let unsampled = CALLERS.replace("-01", "-00");
    let trace = begun(&[&unsampled], 100).unwrap();
    assert_eq!((trace.is_sampled(), told(trace)), (false, unsampled));
    assert_eq!(begun(&[], 0), None, "there is nothing to pass on");
}

#[test]
fn a_caller_that_is_not_understood_is_none() {
    let strange = [
        "",
        "00",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c8031-9cb7ad6b7169203331-01x",
    ];
    for text in strange {
        let trace = begun(&[text], 100).unwrap();
        assert_eq!(trace.parent, None, "{text}");
        assert!(!told(trace).contains("0af7651916cd43dd"), "{text}");
    }
    assert_eq!(begun(&[CALLERS, CALLERS], 100).unwrap().parent, None, "one of them is wrong");
}

#[test]
fn of_all_traces_about_the_share_is_exported_and_one_trace_always_or_never() {
    let share = BasisPoints::percent(25);
    let sampled = (0..4_000).filter(|_| Trace::begin(&HeaderMap::new(), share).is_some()).count();
    assert!((800..1_200).contains(&sampled), "{sampled} of 4,000");
    let mut id = [0; 16];
    for (last, is_exported) in [(0x3f, true), (0x40, false), (0xff, false), (0, true)] {
        id[9] = last;
        assert_eq!(is_in(id, share), is_exported, "{last}");
    }
    assert!(is_in([0xff; 16], BasisPoints::WHOLE) && !is_in([0; 16], BasisPoints::ZERO));
}
