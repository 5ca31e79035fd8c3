//! What a study costs, as scripts ask it.

use bursar_api::types::{EstimateStudy, Example, StudyPart};
use bursar_kernel::{ModelId, Serving};

use crate::house::{House, program};

fn part(model: &str, tokens: Option<u64>) -> StudyPart {
    StudyPart {
        model: ModelId::new(model),
        items: 1_200,
        variants: None,
        repeats: Some(5),
        input_tokens: tokens.map(|tokens| tokens * 3),
        output_tokens: tokens,
        serving: None,
    }
}

#[tokio::test]
async fn a_study_is_counted_line_by_line() {
    let house = House::with_a_fixed_clock().await;
    let lines = vec![
        part("gpt-4.1-mini", Some(300)),
        StudyPart { serving: Some(Serving::Batch), ..part("gpt-4.1-mini", Some(300)) },
    ];
    let wanted = EstimateStudy { program: Some(program()), lines, sample: Vec::new() };
    let found = house.client.estimate(&wanted).await.unwrap();
    assert_eq!(
        (found.total, found.typical_max),
        ("7.56".parse().unwrap(), "1000".parse().unwrap())
    );
    assert_eq!(found.runs_for_typical_max, Some(132));
    assert_eq!(found.total_by_batch, Some("5.04".parse().unwrap()));
    let [line, batch] = &found.lines[..] else { panic!("two lines") };
    assert_eq!((line.calls, line.tokens, line.cost), (6_000, 7_200_000, "5.04".parse().unwrap()));
    assert_eq!((batch.cost, batch.cost_by_batch), ("2.52".parse().unwrap(), None));
    assert_eq!(line.cheaper[0].model.as_str(), "gpt-6-luna");
    let ids = |part: &bursar_api::types::PartLine| {
        part.notes.iter().map(|note| note.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!((ids(line), ids(batch)), (vec!["ends".into()], vec!["ends".into(), "batch".into()]));
    assert_eq!(line.notes[0].from.as_deref(), Some("2027-01-14"));
    // 6,000 calls at 200 a day; 7,200,000 tokens at 200,000 a minute. What is sent in a batch has limits of its own.
    let paces: Vec<_> = found.tiers.iter().map(|it| (it.tier.as_str(), it.seconds)).collect();
    assert_eq!(paces[0], ("free", Some(29 * 86_400)));
    assert_eq!(paces[1], ("tier-1", Some(2_160)));
}

#[tokio::test]
async fn tokens_are_counted_from_a_sample_where_a_line_leaves_them_out() {
    let house = House::with_a_fixed_clock().await;
    let example = |prompt: &str, answer: Option<&str>| Example {
        prompt: Some(prompt.to_owned()),
        answer: answer.map(str::to_owned),
    };
    let sample = vec![example("Hello there", Some("Yes")), example("Hello", None)];
    let lines = vec![part("gpt-4.1-mini", None), part("gpt-4.1-mini", Some(4))];
    let found = house.client.estimate(&EstimateStudy { program: None, lines, sample }).await;
    let found = found.unwrap();
    assert_eq!(found.program, program());
    let tokens = found.lines.iter().map(|line| (line.input_tokens, line.output_tokens));
    assert_eq!(tokens.collect::<Vec<_>>(), [(9, 1), (12, 4)]);
}

#[tokio::test]
async fn what_is_wrong_is_said_by_its_place() {
    let house = House::with_a_fixed_clock().await;
    let ask = async |body: &str| house.send("POST", "/api/estimates", body).await;
    let (status, body) = ask(r#"{"lines":[{"model":"gpt-9","items":1},{"model":"gpt-4o","items":0,
            "input_tokens":1,"output_tokens":1}]}"#)
    .await;
    assert_eq!(status, 422, "{body}");
    assert!(body.contains("lines[0].model") && body.contains("lines[1].items"), "{body}");
    let (status, body) = ask(r#"{"lines":[{"model":"gpt-4o","items":1}]}"#).await;
    assert!(status == 422 && body.contains("lines[0].input_tokens"), "{body}");
    let (status, body) = ask(r#"{"lines":[]}"#).await;
    assert!(status == 422 && body.contains("Add a line"), "{body}");
    let (status, body) = ask(r#"{"lines":[{"model":"gpt-4o","items":-1}]}"#).await;
    assert_eq!(status, 422, "{body}");
    let huge = u64::MAX;
    let line = format!(
        r#"{{"model":"gpt-4o","items":{huge},"repeats":{huge},"input_tokens":{huge},
            "output_tokens":{huge}}}"#
    );
    let (status, body) = ask(&format!(r#"{{"lines":[{line}]}}"#)).await;
    assert!(status == 422 && body.contains("at most a billion"), "{body}");
    let (status, _) = ask(r#"{"program":"nowhere","lines":[]}"#).await;
    assert_eq!(status, 404);
}
