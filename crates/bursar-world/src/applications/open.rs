//! The round that collects.

use super::super::record::{Fate, Record};

/// The table.
pub(in super::super) static TABLE: [Record; 8] = [
    Record {
        by: "j.whitcombe@pinebarrow.example",
        area: "societal_impact",
        asks: "400",
        question: "\
            Do exposure scores for occupations that a model assigns agree with those of people who \
            do the work, and where they disagree, which of the two predicts last year's change in \
            job postings?",
        plan: "\
            My earlier plan used a model's scores without a check. Now 300 tasks from 30 \
            occupations are rated by 240 people who do the work, recruited by a panel, and by \
            three models under two instructions. Agreement is reported by occupation; then both \
            scores are used to predict the change in postings of the past year in 140 rural \
            counties.\n\nThe sample of tasks is stratified by how much of the work is done with \
            other people, where I expect the largest disagreement.",
        api_use: "\
            300 tasks, three models, two instructions, 20 samples: 36,000 short calls, with o3 on \
            a fifth. By the token count of 30 tasks: $355.",
        advice: &[],
        fate: Fate::Waiting,
    },
    Record {
        by: "b.achterhoek@delfshoorn.example",
        area: "robustness",
        asks: "300",
        question: "\
            How much of the variance of a benchmark score comes from items, from the wording of \
            the prompt, and from repeated runs?",
        plan: "\
            This is the crossed design that the reviewers suggested: 200 items from each of four \
            benchmarks, eight wordings, six runs, three models. A generalisability study gives the \
            variance components and, from them, a table of how many repetitions an evaluation \
            needs for a wanted precision.\n\nRuns are spread over six weeks, so that drift of a \
            served model becomes visible as a component of its own. Data and analysis are \
            published as a package.",
        api_use: "\
            200 items, four benchmarks, eight wordings, six runs, three small models: 115,200 \
            calls of about 350 tokens in and 60 out. gpt-4o-mini, gpt-5-nano and gpt-4.1-mini. \
            $265.",
        advice: &[],
        fate: Fate::Waiting,
    },
    Record {
        by: "o.bergstrom@tundrafjord.example",
        area: "robustness",
        asks: "600",
        question: "\
            Can models that read weather bulletins for reindeer herders be trusted to keep the \
            warnings when they shorten the text?",
        plan: "\
            Herding cooperatives in three districts receive bulletins in Norwegian and want them \
            shortened, and in Northern Sámi. We have 900 past bulletins with the warnings marked \
            by a meteorologist. For each shortened version we count warnings kept, softened and \
            lost, by season and by kind of warning, ice crust above all.\n\nHerders from two \
            cooperatives decide with us which losses matter; they are co-authors.",
        api_use: "\
            900 bulletins, two languages, four models, three samples: 21,600 calls of about 900 \
            tokens, and 6,000 checks with o3. $560 by a pilot of 25 bulletins.",
        advice: &[],
        fate: Fate::Waiting,
    },
    Record {
        by: "maria.santoyo@sierraverde.example",
        area: "fairness",
        asks: "450",
        question: "\
            Which varieties of Spanish do models treat as errors when they are asked to correct a \
            text?",
        plan: "\
            Teachers ask models to correct pupils' texts. We wrote 360 sentence pairs with forms \
            that are standard in one region and unknown in another: voseo, leísmo, ustedeo, \
            regional tense use and vocabulary, and added real errors as controls. The outcome is \
            whether a regional form is marked as wrong, by variety and by whether the user names \
            the place.\n\nSpeakers of six varieties checked each sentence. Results are broken down \
            by the prestige of the variety as measured in an earlier attitude survey.",
        api_use: "\
            720 sentences, two instructions, six models, five samples: 43,200 short calls. \
            gpt-4o-mini, gpt-4.1-mini, gpt-5-mini and others. $410.",
        advice: &[],
        fate: Fate::Waiting,
    },
    Record {
        by: "yasmin.elsherif@delta-nile.example",
        area: "robustness",
        asks: "700",
        question: "\
            How often do models that write SQL for hospital statistics silently drop patients with \
            missing values, and do they say so?",
        plan: "\
            Over a synthetic hospital database with realistic missing values we pose 180 questions \
            for which dropping incomplete rows changes the answer by at least 5 %. We run the SQL \
            that models write, compare with the reference, and code whether the model mentions the \
            missing values: before, after, only when asked, never.\n\nThe database is generated \
            from published marginals; there is no patient behind it. It will be released with the \
            questions.",
        api_use: "\
            180 questions, schema of 6,000 tokens, five models, six samples: 5,400 calls, plus a \
            follow-up turn on each. Reasoning models included, since I expect them to differ. \
            $640.",
        advice: &[],
        fate: Fate::Waiting,
    },
    Record {
        by: "daniel.ekstrand@quietwater.example",
        area: "alignment",
        asks: "500",
        question: "\
            Do grant-makers who read a model's summary of a proposal decide differently from those \
            who read the proposal?",
        plan: "\
            Our foundation does not plan to use summaries in its own decisions; we want to know \
            what would happen to those who do. Sixty programme staff of other foundations, as \
            volunteers, score 40 past proposals (with the consent of their authors), half of them \
            in full and half in a summary by one of three models. We compare scores, rankings and \
            what readers believe the proposal said about risk.\n\nA university partner holds the \
            data and does the analysis; we have no access before publication.",
        api_use: "\
            40 proposals of about 15,000 tokens, three models, several lengths and samples: 2,900 \
            calls. A further 4,000 calls compare claims of summary and proposal. $440.",
        advice: &[],
        fate: Fate::Waiting,
    },
    Record {
        by: "i.kowalczyk@bialowieza-univ.example",
        area: "misuse",
        asks: "500",
        question: "\
            With an established span-level scheme for persuasion techniques, how close do models \
            come to two trained annotators on Polish election coverage?",
        plan: "\
            A second attempt after a decline: the scheme is now the span-level one that the \
            reviewers named, a colleague annotates with me, and agreement on the first 60 articles \
            is 0.57. Still to write: the supervised baseline, and how many articles we need.",
        api_use: "",
        advice: &[],
        fate: Fate::Draft,
    },
    Record {
        by: "aroha.ngata@tekapo-univ.example",
        area: "fairness",
        asks: "600",
        question: "\
            When a model translates into te reo Māori, does it respect the macron, and does it \
            matter to readers when it does not?",
        plan: "",
        api_use: "",
        advice: &[],
        fate: Fate::Draft,
    },
];
