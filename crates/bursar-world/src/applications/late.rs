//! Two applications that came about later than those of their rounds: an award above the typical
//! maximum that waits for its second officer, and somebody who comes back after a used-up grant.

use bursar_service::Recommendation::Award;

use crate::record::{Fate, Record};

/// Decided after its round was released.
pub(super) static PROPOSED: [Record; 1] = [Record {
    by: "ifeoma.nwosu@lagoon-consortium.example",
    area: "societal_impact",
    asks: "3200",
    question: "\
        Do eleven public health services of West Africa get the same dosage advice from a model \
        when a nurse asks in English, French, Hausa, Yoruba or Wolof?",
    plan: "\
        Eleven clinics of a consortium collected 640 dosage questions that nurses really ask. Each \
        is translated by two health workers into five languages and checked against the national \
        formularies. We compare the answers of four models by language, score each against the \
        formulary with two pharmacists blind to the language, and estimate how often the advice \
        changes with the language alone.\n\nThe runs are repeated in three months, since served \
        models drift. Questions, formulary entries and scores are published; nothing comes from \
        patients' records.",
    api_use: "\
        640 questions, five languages, four models (gpt-4.1, gpt-4.1-mini, o3, gpt-5-mini), six \
        samples, two waves: 153,600 calls of about 500 tokens in and 250 out. Without repeated \
        samples the difference between languages cannot be told from chance. $3,150 by a pilot of \
        400 calls.",
    advice: &[
        (
            Award,
            "\
             The strongest measure in the round: a formulary is as close to a gold standard as \
             this field gets. The size follows from the eleven services, not from comfort.",
        ),
        (
            Award,
            "\
             I recomputed the budget and come to $3,020. Blind pharmacists are the right choice. \
             The second wave could be halved if money is short.",
        ),
    ],
    fate: Fate::Proposed(
        2_800,
        "\
         A question whose answer bears on patients in eleven services, with a gold standard and \
         blind scoring. We propose $2,800: the first wave in full, the second with four samples.",
        "\
         Eleven services and five languages take part; at $1,000 the comparison between languages \
         would have no power. The data become a public benchmark.",
    ),
}];

/// Comes back after a grant.
pub(super) static REAPPLIED: [Record; 1] = [Record {
    by: "tomas.reyes@altiplano-tech.example",
    area: "robustness",
    asks: "600",
    question: "\
        Does the loss of Aymara speakers in summaries of bilingual hearings shrink when the \
        transcript is given turn by turn instead of whole?",
    plan: "\
        The first study showed that answers given in Aymara are left out twice as often as those \
        given in Spanish. We now compare three ways of giving the same 31 hearings: whole, turn by \
        turn, and with a glossary of 140 terms. Two bilingual coders judge the same 12 questions \
        blind, so that the results can be set beside those of the first study.\n\nWe measure \
        omission by language and false attribution by speaker, and publish the coded answers.",
    api_use: "\
        About 1,900 calls of 20,000 to 90,000 tokens on gpt-4.1-mini and gpt-5-mini. The whole \
        transcripts need a long window, which is why no smaller model can stand in. $570 by the \
        prices of the first study.",
    advice: &[],
    fate: Fate::Waiting,
}];

/// Answers that only these have: by whom, to which question, what.
pub(super) const MORE_ANSWERS: [(&str, &str, &str); 2] = [
    (
        "ifeoma.nwosu@lagoon-consortium.example",
        "justification",
        "\
        Eleven health services in five countries take part, each with its own questions and \
        pharmacists. A smaller sample could not tell a difference between languages from chance, \
        and the results become a benchmark that the services will use.",
    ),
    (
        "tomas.reyes@altiplano-tech.example",
        "progress",
        "\
        All 12 questions were asked of 23 hearings; the balance ended before the eight longest. \
        Answers in Aymara were left out in 41 % of cases against 19 % in Spanish, and the cost of \
        tokenisation was 3.4 times as high. A preprint with the coded answers is with the \
        consortium's reviewers.",
    ),
];
