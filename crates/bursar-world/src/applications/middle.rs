//! The round after the past ones.

use bursar_service::Recommendation::{Award, Decline, Unsure};

use super::super::record::{Fate, Record};

/// The table.
pub(in super::super) static TABLE: [Record; 4] = [
    Record {
        by: "grace.tuilagi@moana-univ.example",
        area: "societal_impact",
        asks: "750",
        question: "\
            How accurately do models answer questions about land and title in five Pacific states, \
            where most of the law is customary and little of it is online?",
        plan: "\
            With three law schools of the region we wrote 220 questions that came to legal-aid \
            desks, each with an answer agreed by two practitioners and a note on whether an honest \
            answer is that it depends on the village. We score correctness, invented statutes, and \
            whether the model says that custom decides.",
        api_use: "\
            220 questions, plain and with the relevant act supplied (up to 90,000 tokens), four \
            models, three samples: 5,300 calls, of which half are long. $720 by count.",
        advice: &[
            (
                Award,
                "\
                 Questions from real desks and an explicit class for honest uncertainty. The \
                 long-context condition is well motivated.",
            ),
            (Award, "Award; publish the questions with a canary."),
        ],
        fate: Fate::Awarded(
            750,
            "\
             Law that is hardly online is where invented statutes do most harm, and the agreed \
             answers make it measurable. Please publish the questions with a canary string.",
        ),
    },
    Record {
        by: "f.delacroix-benoit@hautecombe.example",
        area: "robustness",
        asks: "900",
        question: "\
            Do spoken disfluencies in a transcribed request make models more likely to comply with \
            something they would refuse in fluent text?",
        plan: "\
            We take 250 requests from a public refusal benchmark and render each in fluent text, \
            with fillers, with restarts, and with both, modelled on a corpus of spontaneous French \
            and English. Compliance is coded by two people on a fifth and by a judge on the rest.",
        api_use: "\
            1,000 prompts in two languages, six models, four samples: 48,000 short calls, and as \
            many judgements. $880.",
        advice: &[
            (
                Unsure,
                "\
                 The effect is plausible, but a judge may itself be swayed by disfluency. I would \
                 need the judge to see a normalised transcript.",
            ),
            (
                Decline,
                "\
                 Close. The judge's independence is not shown, and the requests overlap with \
                 published jailbreak tests.",
            ),
        ],
        fate: Fate::Declined(
            "\
             An original idea whose judge may be subject to the effect under study. Let the judge \
             see a normalised text, show its agreement with people by condition, and replace the \
             requests that overlap with published tests. The reviewers expect a strong second \
             version.",
        ),
    },
    Record {
        by: "raj.thapa@annapurna-inst.example",
        area: "fairness",
        asks: "500",
        question: "\
            Do spelling variation and the lack of a standard in Nepali written with Latin letters \
            lower the quality of answers more than a change to Devanagari raises their price?",
        plan: "\
            Young people write Nepali with Latin letters and spell as they like. We collected 400 \
            real questions with consent, in three natural spellings each and in Devanagari. \
            Quality is rated by six people; price is the number of tokens. The result is a \
            frontier of quality against price that matters to anybody who deploys in Nepal.",
        api_use: "\
            1,600 prompts, five models, three samples: 24,000 calls, plus embeddings of all \
            variants. $455 by token counts.",
        advice: &[
            (Award, "Joining quality and price per script is new, cheap and useful."),
            (Award, "Natural spellings collected with consent: good. Award."),
        ],
        fate: Fate::Awarded(
            500,
            "\
             A frontier of quality and price by script is something that nobody has drawn and many \
             need. Awarded in full.",
        ),
    },
    Record {
        by: "s.mbeki-laurent@karoo-univ.example",
        area: "fairness",
        asks: "1000",
        question: "\
            When bail magistrates are shown a model's summary of a docket, does the summary's \
            wording of prior arrests differ by the accused's home language?",
        plan: "\
            From 600 closed dockets, anonymised under an agreement with the court, models write \
            summaries in which the home language of the accused is varied and nothing else. \
            Linguists code the wording of prior contact with the police. Forty retired magistrates \
            then read pairs of summaries and set hypothetical bail.\n\nNo live case is touched. \
            The court's research committee and the university approved the protocol.",
        api_use: "\
            600 dockets in five versions at about 12,000 tokens, gpt-4.1 and o3: 6,000 calls and \
            3,000 checks that nothing but the language was changed. $985 by count over 30 dockets.",
        advice: &[
            (
                Award,
                "\
                 A causal design with retired magistrates as readers; nothing live. One of the \
                 best plans I have read this year.",
            ),
            (Award, "Award in full."),
        ],
        fate: Fate::Awarded(
            1000,
            "\
             A causal design, with magistrates as readers and without touching a live case. \
             Awarded in full.",
        ),
    },
];
