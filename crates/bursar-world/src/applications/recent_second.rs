//! The later past round, second half.

use bursar_service::Recommendation::{Award, Decline, Unsure};

use super::super::record::{Fate, Record};

/// The table.
pub(in super::super) static TABLE: [Record; 7] = [
    Record {
        by: "lucia.ferraris@valdora.example",
        area: "alignment",
        asks: "450",
        question: "\
            Do emotionally warm answers to people who describe distress lower the chance that they \
            seek human help?",
        plan: "\
            In a vignette experiment 400 adults imagine one of eight situations and read an answer \
            that is warm or neutral and that does or does not name a human source of help. The \
            outcome is the stated intention to contact somebody, with a follow-up after a week on \
            what they remember.\n\nPeople at risk are screened out, every page names a helpline, \
            and a clinical psychologist is on call during collection. The ethics committee of the \
            university gave its approval in May.",
        api_use: "\
            1,600 candidate answers by gpt-4o-mini, gpt-4.1 and o3, from which a panel picks \
            matched pairs, and 4,000 classifications of free text. $430 by a pilot.",
        advice: &[
            (
                Award,
                "\
                 Separates warmth from signposting, which earlier work does not. Safeguards are \
                 right.",
            ),
            (Award, "Good. State the smallest effect that would matter."),
        ],
        fate: Fate::Awarded(
            450,
            "\
             Separating warmth from naming help is new and matters. Please state the smallest \
             effect of interest before collection begins.",
        ),
    },
    Record {
        by: "noor.rahmani@hamoun.example",
        area: "fairness",
        asks: "250",
        question: "\
            Which Afghan personal names, places and honorifics do models get wrong in asylum \
            correspondence, and do errors differ for Hazaragi, Dari and Pashto names?",
        plan: "\
            Volunteers wrote 240 letters modelled on real ones, with invented people. Models \
            translate and summarise them; every name, place and form of address is checked by \
            readers of the three communities. We publish an error catalogue for caseworkers.",
        api_use: "\
            240 letters, two tasks, four models, three samples: 5,800 calls under 2,000 tokens, a \
            comparison step with gpt-4.1-mini. $215.",
        advice: &[
            (Award, "Small, needed and precise; the catalogue will be used."),
            (
                Unsure,
                "\
                 A nonprofit, but clearly research. I would like the readers to be paid, and the \
                 plan is silent on that.",
            ),
        ],
        fate: Fate::Awarded(
            250,
            "\
             A precise study with a result that caseworkers can use. One reviewer hopes that the \
             readers are paid from another source; please say so in the report.",
        ),
    },
    Record {
        by: "ayse.demirkan@karaburun-univ.example",
        area: "societal_impact",
        asks: "800",
        question: "\
            When pupils may use a tutor built on a language model that refuses to give answers, \
            what do they ask instead, and do they learn the method or learn to ask around the \
            refusal?",
        plan: "\
            Six classes of year nine in two schools use a tutor in mathematics for eight weeks, \
            three classes with a version that withholds answers and three with one that gives \
            worked solutions. All turns are logged under pseudonyms with the consent of parents. \
            Learning is measured by a test written by teachers who do not know the condition; the \
            requests are coded with a scheme from earlier classroom research.\n\nThe tutor is a \
            research instrument of about 300 lines and is shut down after the study.",
        api_use: "\
            170 pupils, 16 sessions, about 14 turns: 38,000 turns with gpt-4.1-mini, then coding \
            of all turns with a codebook by gpt-4.1 and of 8 % by people. $690 by the logs of a \
            trial lesson.",
        advice: &[
            (
                Award,
                "\
                 Real classes, a control, blind tests, and an instrument that ends with the study. \
                 The coding scheme is a good choice.",
            ),
            (
                Award,
                "\
                 Approve; a little less than asked, since coding with the smaller model reached \
                 the same agreement in their trial.",
            ),
        ],
        fate: Fate::Awarded(
            650,
            "\
             A controlled study in real classes with a blind outcome. By your own trial the \
             smaller model codes as well as the larger one, so $650 should carry the whole plan.",
        ),
    },
    Record {
        by: "mateo.villagran@puertomayor.example",
        area: "other",
        asks: "1000",
        question: "\
            Do societies of language-model agents reproduce the statistics of real opinion \
            dynamics?",
        plan: "\
            We simulate 500 agents on a network for 200 steps with different models and compare \
            the distribution of opinions with survey data. We expect to see polarisation.",
        api_use: "100,000 calls for each run and twenty runs, with the smallest model.",
        advice: &[
            (
                Decline,
                "\
                 What would count against the claim? Polarisation of simulated agents is expected \
                 under almost any rule, and the survey comparison is not specified.",
            ),
            (
                Decline,
                "\
                 Outside the named areas, which is no obstacle in itself, but the link to \
                 responsible use is not made.",
            ),
        ],
        fate: Fate::Declined(
            "\
             The plan does not say what result would speak against it, nor which survey is \
             compared and how, and the bearing on responsible deployment is left open. A study of \
             when such simulations mislead those who use them in place of surveys would be within \
             scope.",
        ),
    },
    Record {
        by: "minh.tran@songhan-univ.example",
        area: "interpretability",
        asks: "350",
        question: "\
            Does inserting a plausible wrong intermediate result into the prompt change a \
            reasoning model's final answer, and does the length of its reasoning betray that it \
            noticed?",
        plan: "\
            After the remarks on my earlier application this is now a behavioural study. For 1,500 \
            multi-step problems we insert a wrong intermediate result that is 1, 10 or 100 % off, \
            marked as the user's own, as a colleague's, or unmarked. Predictions were written down \
            beforehand: adoption falls with the size of the error, and reasoning tokens rise where \
            it is noticed.\n\nThe number of reasoning tokens is reported by the API, which is all \
            we need of the hidden part. Analysis is by a mixed model with problems as random \
            effect.",
        api_use: "\
            1,500 problems, ten conditions, gpt-5-nano and gpt-5-mini with two samples, o3 on a \
            tenth: 63,000 calls. A pilot of 100 problems cost $0.41 a condition. $340.",
        advice: &[
            (
                Award,
                "\
                 Turned the weakness of the first plan into a neat idea: reasoning length as a \
                 measurable trace. Predictions are written down.",
            ),
            (Award, "Much improved; award."),
        ],
        fate: Fate::Awarded(
            350,
            "\
             The design now measures what can be measured, with predictions fixed beforehand. \
             Awarded in full, and thank you for taking the remarks up so well.",
        ),
    },
    Record {
        by: "i.kowalczyk@bialowieza-univ.example",
        area: "misuse",
        asks: "500",
        question: "Can models detect propaganda?",
        plan: "\
            I will test how well models detect propaganda in Polish media, using a data set of \
            articles which I will annotate.",
        api_use: "GPT-4o and o3 on about 10,000 articles.",
        advice: &[
            (
                Decline,
                "\
                 No definition of propaganda, one annotator, no baseline. The idea can be made \
                 into a study with a span-level scheme that exists.",
            ),
            (Unsure, "Could work with an existing annotation scheme and a second annotator."),
        ],
        fate: Fate::Declined(
            "\
             Please name the definition and the annotation scheme you follow, add a second \
             annotator with a measure of agreement, and compare with a supervised baseline. The \
             reviewers name a span-level scheme in use for several languages as a starting point.",
        ),
    },
    Record {
        by: "olena.hryhorenko@slavutych-poly.example",
        area: "misuse",
        asks: "800",
        question: "\
            How much do language models help a novice to understand an unknown industrial-control \
            protocol from captured traffic, and does documentation of defensive purpose change \
            what they are willing to explain?",
        plan: "\
            Second-year students, in teams, receive captured traffic of a toy protocol that we \
            designed and that no device uses. Half of the teams work with a model and half \
            without; we measure the fields identified within two hours. In a second part the same \
            requests are sent with and without a statement of defensive purpose, to see whether \
            the statement is a key that opens everything.\n\nSince the protocol is invented, no \
            result helps to attack a real plant. A colleague from the national response team sits \
            on the advisory board.",
        api_use: "\
            About 4,000 turns with long hex dumps for the classes and 9,000 scripted requests on \
            gpt-4.1, gpt-4.1-mini and o3. $770 by last year's class.",
        advice: &[
            (Award, "The invented protocol is a clever way to measure uplift without risk."),
            (Award, "Award. The second part is the one that providers will read."),
        ],
        fate: Fate::Awarded(
            800,
            "\
             Measuring uplift on a protocol that nobody uses is an elegant way round the usual \
             risk. Please send the second part's results to the provider early.",
        ),
    },
];
