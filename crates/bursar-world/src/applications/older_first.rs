//! The earlier past round, first half.

use bursar_service::Recommendation::{Award, Decline, Unsure};

use super::super::record::{Fate, Record};

/// The table.
pub(in super::super) static TABLE: [Record; 7] = [
    Record {
        by: "amara.okonkwo-lindqvist@norrasund-university.example",
        area: "robustness",
        asks: "1000",
        question: "\
            When a model is given a whole asylum case file and asked whether the decision follows \
            from the evidence, how often does it cite a passage that does not say what the model \
            claims, and does the error grow with the length of the file?",
        plan: "\
            Asylum decisions in four European countries are published in anonymised form. Each \
            comes with a file of 60 to 400 pages: interviews, country reports, medical statements, \
            the reasoned decision. Legal-aid groups already paste such files into chat tools, and \
            nobody has measured how faithful the citations are at that length.\n\nI have assembled \
            212 files with the permission of two tribunals, and three asylum lawyers have marked, \
            for 60 of them, which passages bear on the outcome. Each file is given whole, then \
            truncated at fixed points, then with the decisive passage moved to the beginning, the \
            middle and the end. For every claim in an answer I record whether the cited passage \
            exists, whether it supports the claim, and whether it is the one that the lawyers \
            marked.\n\nThe study runs for seven months: two for the prompts and the pilot, three \
            for the main runs, two for the repetition with newer models. The protocol is \
            preregistered, and the anonymised judgements and all code will be published.",
        api_use: "\
            About 900 calls with inputs of 110,000 to 330,000 tokens to gpt-4.1 and gpt-4.1-mini, \
            some 200 to o3 for the subset with expert marks, embeddings to find duplicated \
            passages, and moderation of the interview texts before anybody reads them in bulk. No \
            open model that we can host takes a whole file, which is the point of the study.",
        advice: &[
            (
                Award,
                "\
                 The strongest design of this round. The files exist, the expert marks exist, and \
                 the position manipulation separates length from placement. The budget follows \
                 from token counts that are shown.",
            ),
            (
                Award,
                "\
                 Important and hard to do without long context. I would like to see the \
                 inter-lawyer agreement reported before the main runs; otherwise ready to go.",
            ),
        ],
        fate: Fate::Awarded(
            1000,
            "\
             Both reviewers found the question pressing and the design exact: real files, marks by \
             lawyers, and a manipulation that can tell length from position. Please report the \
             agreement between the lawyers before the main runs, and publish the truncation points \
             with the code.",
        ),
    },
    Record {
        by: "tomas.reyes@altiplano-tech.example",
        area: "robustness",
        asks: "250",
        question: "\
            Do models with very long windows keep an Aymara–Spanish code-switched hearing \
            transcript apart by speaker and language, or do they merge what was said in Aymara \
            into the Spanish around it?",
        plan: "\
            Community hearings in the highlands are held in two languages at once and transcribed \
            verbatim; a single hearing is 300,000 to 600,000 tokens because Aymara is split into \
            very small pieces. Summaries made by machines are starting to be used by municipal \
            offices.\n\nWe have 31 hearings with speaker labels and consent for research. For each \
            we ask 12 questions whose answers are in Aymara only, in Spanish only, or split over \
            both, and two bilingual coders judge the answers blind. We measure omission by \
            language and false attribution by speaker.",
        api_use: "\
            Around 350 calls at 200,000 to 600,000 tokens of input and short answers, on gpt-4.1 \
            and gpt-4.1-mini, with a smaller comparison on o3 over excerpts. The window is the \
            object of study; cutting the transcripts up would remove the effect that we look for.",
        advice: &[
            (
                Award,
                "\
                 A cheap, sharp study of a harm that I had not thought of. The tokenisation cost \
                 for Aymara is itself a finding worth a table.",
            ),
            (
                Award,
                "\
                 Consent and coding are described well. The amount is modest for the inputs; they \
                 may run out, but they know that.",
            ),
        ],
        fate: Fate::Awarded(
            250,
            "\
             A focused question with consent, coders and materials in place. We award what you \
             asked for. Inputs of this length are dear: run the 12 questions on the shortest \
             hearings first, so that the comparison is complete whatever the balance.",
        ),
    },
    Record {
        by: "h.nakagawa@seto-institute.example",
        area: "alignment",
        asks: "800",
        question: "\
            Does asking a model to state its uncertainty before answering change how often people \
            follow a wrong answer, compared with stating it after?",
        plan: "\
            In a within-subject experiment 180 participants answer 24 general questions with the \
            help of a model whose answers were drawn in advance. We vary where the verbal \
            uncertainty stands, and whether it is calibrated on a held-out set. The outcome is \
            appropriate reliance: following right answers and departing from wrong \
            ones.\n\nAnswers are generated once and then frozen, so all participants see the same \
            material and the study can be repeated by others. The ethics committee of the \
            institute approved the protocol in spring.",
        api_use: "\
            We generate 20 candidates for each of 400 questions with gpt-4o-mini, gpt-4.1-mini and \
            o3, grade them, and select matched pairs. Roughly 26,000 short calls, plus 1,500 with \
            reasoning. Token counts from a pilot of 40 questions give $710; the rest is margin.",
        advice: &[
            (
                Award,
                "\
                 Good experiment, and the frozen stimuli make it reproducible. The margin is \
                 justified.",
            ),
            (
                Unsure,
                "\
                 Solid, though placement of uncertainty has been studied for dialogue systems \
                 before; the calibration arm is the new part and should be the primary outcome.",
            ),
        ],
        fate: Fate::Awarded(
            750,
            "\
             A careful design with frozen stimuli that others can reuse. One reviewer asks that \
             the calibrated arm be the primary outcome, since placement alone has been studied. \
             The pilot's token counts support $750.",
        ),
    },
    Record {
        by: "zainab.yusuf@kaduna-plains.example",
        area: "societal_impact",
        asks: "1000",
        question: "Is health advice by chat models in Hausa as safe as the same advice in English?",
        plan: "\
            I will translate health questions into Hausa and compare the answers with those in \
            English. Nurses will read the answers.",
        api_use: "\
            I will use GPT-4o for translation and for answering. I need many calls because there \
            are many questions.",
        advice: &[
            (
                Decline,
                "\
                 The question matters and very few people could do this. But there is no sample, \
                 no rubric and no estimate; I cannot tell what $1,000 buys.",
            ),
            (
                Unsure,
                "\
                 Strong topic and a thin plan. Advise to come back with the question set, the \
                 number of nurses and how they score.",
            ),
        ],
        fate: Fate::Declined(
            "\
             Both reviewers want to see this study happen and could not assess this plan. Please \
             come back with: the source and number of questions, how the Hausa versions are \
             checked, how many nurses score what on which scale, which harms count as severe, and \
             token counts from twenty questions. Nothing stands against a new application next \
             quarter.",
        ),
    },
    Record {
        by: "e.thorvaldsdottir@vesturland-college.example",
        area: "fairness",
        asks: "1000",
        question: "\
            How much worse do instruction-following and refusal behaviour become in languages with \
            fewer than half a million speakers, holding the task constant?",
        plan: "\
            We take 600 instructions from a public benchmark, translated by professionals into \
            Icelandic, Faroese and Northern Sámi and back-translated for control. Two things are \
            scored: whether the instruction is followed, and whether a harmful instruction is \
            refused, in each language and in English.\n\nThe translations are paid for by a \
            national language fund. Scoring is done by native speakers on a sample of 150 in each \
            language and by a model judge on the rest, and the judge's agreement with people is \
            reported by language, since the judge may share the weakness we measure.",
        api_use: "\
            600 instructions in four languages on six models, three samples each: about 43,000 \
            calls with short inputs, and the same number of judgements with gpt-4.1-mini. The \
            moderation endpoint is run on all answers as a further measure. Estimated at $930 from \
            a count over all translated prompts.",
        advice: &[
            (
                Award,
                "\
                 Professional translation makes this far better than the usual machine-translated \
                 benchmark. The caution about the judge is what I would have asked for.",
            ),
            (
                Award,
                "\
                 Clear and complete. I would add a second refusal set written natively, not \
                 translated, if time allows.",
            ),
        ],
        fate: Fate::Awarded(
            1000,
            "\
             An exemplary plan: professional translations, people and a judge whose own weakness \
             is measured. Consider a small set of natively written prompts, as one reviewer \
             suggests. Awarded in full.",
        ),
    },
    Record {
        by: "minh.tran@songhan-univ.example",
        area: "interpretability",
        asks: "700",
        question: "Can one explain why reasoning models fail on arithmetic?",
        plan: "\
            We will test reasoning models on arithmetic problems of growing length and look at \
            where the reasoning goes wrong. We plan to classify errors and to draw conclusions \
            about how the models work inside.",
        api_use: "\
            Several models with reasoning. We expect to need $700 for a large number of problems. \
            The answers will be analysed with scripts that we write.",
        advice: &[
            (
                Decline,
                "\
                 The hidden reasoning is not returned by the API, so the classification that is \
                 planned cannot be made. This needs another design.",
            ),
            (
                Decline,
                "\
                 Vague. What is varied, what is predicted? The claim about the inside of the model \
                 does not follow from outputs.",
            ),
        ],
        fate: Fate::Declined(
            "\
             The API does not return a reasoning model's hidden reasoning, so errors in it cannot \
             be classified as planned. A behavioural design would work: vary the problem in \
             controlled ways, predict where answers break, and test the prediction. We would \
             gladly read that.",
        ),
    },
    Record {
        by: "p.vandenberghe@lysveld.example",
        area: "misuse",
        asks: "600",
        question: "\
            Which properties of a retrieved document let an instruction hidden in it override the \
            task that the user gave?",
        plan: "\
            Indirect prompt injection is known; what makes one succeed is not. We generate 1,200 \
            documents in a factorial design: position of the instruction, its grammatical mood, \
            whether it refers to the user, how closely its topic matches the task, and formatting. \
            Each is retrieved into one of five benign tasks, and success is judged by a fixed rule \
            on the output, without another model.\n\nThe injected goals are harmless (insert a \
            code word), so nothing dangerous is published; the finding is which factors defenders \
            should look for. We disclose to providers 60 days before publication.",
        api_use: "\
            1,200 documents by five tasks by four models, two samples: 48,000 calls of about 1,500 \
            tokens. gpt-4o-mini, gpt-4.1-mini, gpt-5-mini and gpt-5-nano, plus o3 on a tenth. \
            Estimate from the generated documents: $585.",
        advice: &[
            (
                Award,
                "\
                 A proper factorial design with a mechanical outcome; harmless payloads and a \
                 disclosure plan. Exactly the kind of red-teaming the program asks for.",
            ),
            (Award, "Strong. Please share the generator, not only the documents."),
        ],
        fate: Fate::Awarded(
            600,
            "\
             Red-teaming with an experiment's discipline: harmless payloads, an outcome without a \
             judge, and a disclosure period. Please publish the generator with the paper.",
        ),
    },
];
