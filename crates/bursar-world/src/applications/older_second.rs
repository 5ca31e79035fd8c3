//! The earlier past round, second half.

use bursar_service::Recommendation::{Award, Decline, Unsure};

use super::super::record::{Fate, Record};

/// The table.
pub(in super::super) static TABLE: [Record; 7] = [
    Record {
        by: "nia.pritchard@cardigan-bay.example",
        area: "societal_impact",
        asks: "500",
        question: "\
            When local newsrooms summarise council minutes with a language model, which kinds of \
            decision disappear from the summary?",
        plan: "\
            With two local papers in west Wales I compare 140 sets of council minutes with \
            summaries made by their present workflow and by three prompt variants. Every decision \
            recorded in the minutes is listed by hand beforehand, with its budget and whom it \
            affects. The measure is omission by type of decision and by affected group.\n\nThe \
            work is part of my thesis and takes four months.",
        api_use: "\
            140 sets of minutes at about 9,000 tokens, four variants, three models, two samples: \
            3,400 calls. Bilingual minutes are run in Welsh and in English. Estimated at $410.",
        advice: &[
            (
                Award,
                "\
                 Concrete, local and measurable. The hand-made list of decisions is the value \
                 here.",
            ),
            (Award, "Well planned. Small sums, real consequence."),
        ],
        fate: Fate::TurnedDown(
            500,
            "\
             A hand-made list of decisions gives this study a ground truth that summaries usually \
             lack. Awarded in full.",
        ),
    },
    Record {
        by: "kofi.mensah@voltaside.example",
        area: "misuse",
        asks: "400",
        question: "\
            How much does a persuasive text about a fictitious ballot measure gain from being \
            adapted to the reader's stated values, and do readers notice?",
        plan: "\
            We write 30 fictitious local ballot measures that exist nowhere, have texts produced \
            for and against each in a neutral version and in versions adapted to one of six value \
            profiles, and show them to 900 adults in Accra and Kumasi recruited by a panel. \
            Outcomes: shift in stated support, and whether the reader believes the text was \
            written for people like them.\n\nEverybody is debriefed, told that the measures are \
            invented, and shown both sides. The institute's review board asked for, and got, a \
            limit on topics: no health, no ethnicity, no real party.",
        api_use: "\
            12 texts for each of 30 measures, with revisions by gpt-4.1-mini and checks by \
            moderation: about 2,200 calls. A further 8,000 short calls classify free-text \
            reactions with a codebook, 10 % double-coded by people. Estimated at $360.",
        advice: &[
            (
                Award,
                "\
                 The board's restrictions are sensible and the fictitious measures avoid harm. \
                 Evidence from West Africa is missing in this literature.",
            ),
            (Award, "Fine design. Report the classifications by people separately."),
        ],
        fate: Fate::Awarded(
            400,
            "\
             Careful about harm, and from a region that this literature leaves out. Please report \
             the double-coded tenth on its own, as one reviewer asks.",
        ),
    },
    Record {
        by: "laila.haddad@helpline-cedars.example",
        area: "other",
        asks: "1000",
        question: "Can an assistant answer our callers at night?",
        plan: "\
            Our helpline closes at ten. We want to build an assistant that answers callers' \
            written questions through the night, in Arabic and French, and hands difficult ones to \
            the morning team. If it works it will become part of the service.",
        api_use: "\
            The assistant would use GPT-4o for every conversation, around 300 a night, for a year.",
        advice: &[
            (
                Decline,
                "\
                 A worthy service, and a service it is: this is operation, not research. Out of \
                 scope by the program's own rules.",
            ),
            (
                Decline,
                "\
                 I looked for a study in it and found none. If they evaluated safe hand-over on \
                 recorded, consented questions, I would read it with interest.",
            ),
        ],
        fate: Fate::Declined(
            "\
             The program pays for research and cannot pay for running a service, however needed. A \
             study of when an assistant should hand over to a person, on past questions with \
             consent and scored by your counsellors, would be within scope: describe that and \
             apply again.",
        ),
    },
    Record {
        by: "s.subramaniam@nilgiri-univ.example",
        area: "fairness",
        asks: "900",
        question: "\
            Do models rank equally qualified candidates differently when names, castes or colleges \
            are signalled in a CV?",
        plan: "We vary signals in synthetic CVs for twelve occupations.",
        api_use: "To be completed: counts of calls for each model.",
        advice: &[],
        fate: Fate::Withdrawn,
    },
    Record {
        by: "marek.dvorak@orlik-tech.example",
        area: "interpretability",
        asks: "850",
        question: "\
            Do the token log-probabilities of a model's answer carry information about its \
            correctness that its own stated confidence does not?",
        plan: "\
            For 9,000 questions with known answers we collect answers with log-probabilities, the \
            model's stated confidence, and the spread of 10 samples. We fit the three to \
            correctness on one half and compare calibration on the other, by subject and by \
            question form. A second part asks whether the extra information survives \
            paraphrase.\n\nIf log-probabilities add something, applications that show confidence \
            to people should use them; if not, asking is enough and simpler. Either answer is \
            useful, and the data set will be published.",
        api_use: "\
            90,000 short samples with log-probabilities from gpt-4o-mini and gpt-4.1-mini, 9,000 \
            from gpt-4.1, embeddings for the paraphrase clusters. Mean input 180 tokens, mean \
            output 40: $790 by the count of the prepared prompts.",
        advice: &[
            (Award, "Useful whichever way it comes out, and the split by subject is right."),
            (Award, "Clear. I would add one non-English subset."),
        ],
        fate: Fate::Awarded(
            850,
            "\
             Both outcomes would be useful, and the analysis is fixed in advance. Please add a \
             subset in Czech, as one reviewer suggests; the amount allows for it.",
        ),
    },
    Record {
        by: "ines.carvalho@ribamar.example",
        area: "societal_impact",
        asks: "1000",
        question: "\
            How do plain-language versions of hospital discharge letters made by a model change \
            what patients with low literacy understand, and which clinical facts do they lose?",
        plan: "\
            Ninety anonymised discharge letters from an internal-medicine ward are rewritten in \
            plain Portuguese under four instructions. Two physicians mark every clinical fact in \
            the original and check each in the rewritten letter: kept, blurred, lost, invented. A \
            teach-back interview with 120 adults measures understanding of medication, warning \
            signs and follow-up.\n\nThe hospital's ethics board approved the use of anonymised \
            letters and the interviews. No letter is used in care.",
        api_use: "\
            Generation is small (360 letters). The larger part is a fact-checking step in which o3 \
            compares each rewritten letter with the marked facts, 8 samples each, so that we can \
            say how far such a check can stand in for physicians: about 9,000 calls with \
            reasoning, estimated at $940 from 20 letters.",
        advice: &[
            (
                Award,
                "\
                 The teach-back interviews lift this above the usual readability study, and lost \
                 facts are counted by physicians.",
            ),
            (Award, "Convincing. It is good that nothing enters care."),
        ],
        fate: Fate::Awarded(
            1000,
            "\
             Understanding is measured with people and losses are counted by physicians: a study \
             that hospitals can act on. Awarded in full.",
        ),
    },
    Record {
        by: "j.whitcombe@pinebarrow.example",
        area: "societal_impact",
        asks: "800",
        question: "What will generative AI do to wages in rural counties?",
        plan: "\
            I plan to ask a model how tasks in 800 occupations could be automated and to combine \
            the answers with county employment data. The exposure scores will be used in a \
            regression with wage growth.",
        api_use: "Scores for 19,000 tasks with two models. I estimate $800.",
        advice: &[
            (
                Decline,
                "\
                 Asking a model what models can do is not a measurement; the exposure scores need \
                 validation against something. The cost is also overstated by a factor of about \
                 twenty.",
            ),
            (
                Unsure,
                "The data work is good. It needs a validated score, or people who rate a sample.",
            ),
        ],
        fate: Fate::Declined(
            "\
             Scores by a model of what models can do need validation before they enter a \
             regression: have people with knowledge of the work rate a sample, and report \
             agreement. At about 200 tokens a task the calls would cost some $40, so please \
             recompute the amount. We would like to see this again.",
        ),
    },
];
