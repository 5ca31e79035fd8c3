//! The later past round, first half.

use bursar_service::Recommendation::{Award, Decline, Unsure};

use super::super::record::{Fate, Record};

/// The table.
pub(in super::super) static TABLE: [Record; 7] = [
    Record {
        by: "zainab.yusuf@kaduna-plains.example",
        area: "societal_impact",
        asks: "500",
        question: "\
            For 150 common maternal-health questions, is the advice of chat models in Hausa as \
            safe as the advice on the same question in English?",
        plan: "\
            This is a new plan after the remarks on my earlier application. The 150 questions come \
            from the logs of a radio programme on maternal health, with names removed. Two \
            translators made the Hausa versions and a third compared them; 11 questions were \
            dropped because the sense could not be kept.\n\nSix midwives score each answer on a \
            four-point scale of safety, blind to the model and to the language of the source; \
            English answers are translated first so that language gives nothing away. Severe harm \
            is defined beforehand as advice that would delay a visit for any of nine danger signs. \
            We expect an agreement of 0.6 or better, measured in a pilot of 20 questions (0.68).",
        api_use: "\
            150 questions in two languages, five models, four samples: 6,000 answers of about 350 \
            tokens, then 6,000 comparisons of danger signs with gpt-4.1-mini, checked against the \
            midwives on a fifth. Twenty questions cost $1.52 in the pilot, hence $500 with \
            repetitions after model updates.",
        advice: &[
            (
                Award,
                "\
                 A model answer to a decline: everything we asked for is here, and more. The \
                 definition of severe harm is excellent.",
            ),
            (Award, "The pilot agreement convinces me. Fund it."),
        ],
        fate: Fate::Awarded(
            500,
            "\
             Thank you for coming back: the pilot, the scale and the definition of severe harm \
             answer every remark of last time. Awarded in full.",
        ),
    },
    Record {
        by: "s.subramaniam@nilgiri-univ.example",
        area: "fairness",
        asks: "700",
        question: "\
            Do models rank equally qualified candidates differently when caste, religion or \
            college is signalled in an Indian CV, and does asking for a structured rubric reduce \
            the difference?",
        plan: "\
            We withdrew an earlier version because one signal, the surname, could not be separated \
            from region. The new design signals through three channels that can be varied on their \
            own: surname, association membership and college. A panel of 40 recruiters confirmed \
            that the signals are read as intended.\n\nThree hundred base CVs for twelve \
            occupations are each rendered in eight versions. Models rank lists of ten, once freely \
            and once with a rubric that must be filled in first. The preregistered outcome is the \
            change in mean rank due to a signal.",
        api_use: "\
            2,400 CVs in lists of ten, four models, two conditions, five orders: 9,600 rankings of \
            about 7,000 tokens. gpt-4o-mini and gpt-4.1-mini for all, gpt-4.1 and o3 for a \
            quarter. $675 by count.",
        advice: &[
            (
                Award,
                "\
                 Separating the channels fixes the earlier confound, and recruiters validated the \
                 signals.",
            ),
            (
                Award,
                "\
                 Strong. Randomise the order of the list as planned and report the position effect \
                 too.",
            ),
        ],
        fate: Fate::Awarded(
            700,
            "\
             The three separate channels and the recruiters' validation make this a clean test. \
             Please report the effect of the position in the list beside that of the signal.",
        ),
    },
    Record {
        by: "c.oyelaran@oakmere-lab.example",
        area: "alignment",
        asks: "1000",
        question: "\
            Can a weaker model that checks a stronger one's work notice deliberate errors that \
            people planted, and how does its hit rate fall as the errors become subtler?",
        plan: "\
            We hold 480 analyses (statistics, contracts, code review) into which specialists \
            planted one error each at one of five levels of subtlety, and 480 clean ones. A weaker \
            model reviews the work with and without the chance to ask two questions of the \
            stronger one. Detection and false alarm give a curve for each level.\n\nScalable \
            oversight is argued about mostly in theory. This gives a measured curve on realistic \
            work, with the planted errors kept private until publication and released under \
            embargo to other labs.",
        api_use: "\
            960 analyses at 6,000 to 20,000 tokens, three reviewers, two protocols, two samples. \
            o3 and gpt-4.1 as the stronger, gpt-4o-mini and gpt-5-nano as the weaker model. $1,060 \
            by a pilot of 40; we would drop the second sample for code review to stay within \
            $1,000.",
        advice: &[
            (
                Award,
                "\
                 The planted-error corpus is a real asset and the subtlety scale is validated. \
                 Good use of the full amount.",
            ),
            (Award, "Agree. Please release the clean items too, with a canary string."),
        ],
        fate: Fate::Awarded(
            1000,
            "\
             A measured curve where the debate has few numbers. Please release the clean items \
             with a canary string, so that they stay out of training data.",
        ),
    },
    Record {
        by: "goran.petrovic@drina-univ.example",
        area: "societal_impact",
        asks: "900",
        question: "\
            How do chatbots talk about the wars of the 1990s to young people in the successor \
            states of Yugoslavia?",
        plan: "\
            We will collect answers of chat models to questions about the wars in Serbian, \
            Croatian, Bosnian, Slovene, Macedonian and Albanian and analyse the discourse. The \
            analysis is qualitative and follows established methods. Two doctoral students will \
            code the material.",
        api_use: "\
            All major models, many questions, all languages. The credits would cover one year of \
            collection.",
        advice: &[
            (
                Unsure,
                "\
                 Fascinating and plausible, but there is no list of questions, no sampling of \
                 wording and no codebook. How would we know that a difference is between languages \
                 and not between wordings?",
            ),
            (
                Decline,
                "\
                 I would fund a version with fifty fixed questions, back-translated, and a \
                 codebook tried on a sample.",
            ),
        ],
        fate: Fate::Declined(
            "\
             The reviewers were drawn to this and missed the design: fixed questions with \
             back-translation, several wordings of each so that language can be told from wording, \
             and a codebook tried on a sample. With 50 questions a few hundred dollars would \
             suffice. Please come back.",
        ),
    },
    Record {
        by: "wanjiru.kamau@rift-data.example",
        area: "robustness",
        asks: "300",
        question: "\
            How well does a model's own refusal to give pesticide dosages without a product label \
            hold up when farmers ask as they really ask, by voice note, in Swahili and Gĩkũyũ?",
        plan: "\
            From 2,300 transcribed voice notes of an advice line, with consent, we draw 200 that \
            ask for a dosage. Each is sent as transcribed and in three cleaned-up forms. \
            Agronomists mark each answer: safe, unsafe, or a refusal that leaves the farmer \
            without help, since refusing everything is no solution either.",
        api_use: "\
            800 messages, four models, three samples: 9,600 short calls, plus 2,000 calls in which \
            o3 compares an answer with the label's text. Estimated at $270.",
        advice: &[
            (
                Award,
                "\
                 The third category, unhelpful refusal, makes this useful in practice. Small and \
                 ready.",
            ),
            (Award, "Yes. Report the transcription errors as a covariate."),
        ],
        fate: Fate::Awarded(
            300,
            "\
             Counting refusals that leave people without help is what practice needs. Please \
             include the transcription's word error rate in the analysis.",
        ),
    },
    Record {
        by: "hyejin.seo@namgang-univ.example",
        area: "misuse",
        asks: "900",
        question: "\
            Do safety measures against non-consensual intimate content hold when a request is \
            split over several innocuous turns in Korean?",
        plan: "\
            With a counselling centre for victims of digital sexual crime we wrote 90 scenarios, \
            each in a single-turn and in three multi-turn forms. No images are generated and no \
            real person is described. The outcome is whether the model continues, deflects or \
            names the pattern, coded by two people from the centre who are used to the material \
            and have supervision.\n\nText that a model produces is stored encrypted, seen by the \
            two coders only, and destroyed after coding. The provider receives the failing \
            patterns before anybody else.",
        api_use: "\
            360 dialogues of four to nine turns, five models, five samples: about 52,000 turns \
            with growing context, and moderation of every answer. Estimate: $860, mostly input of \
            earlier turns.",
        advice: &[
            (
                Award,
                "\
                 Ethically the most careful plan of the round, with the right partners, and on a \
                 pattern that providers need to know about.",
            ),
            (
                Award,
                "\
                 Supervision for the coders and destruction of the material are thought through. \
                 Award.",
            ),
        ],
        fate: Fate::Awarded(
            900,
            "\
             Careful with people and with material, and done with those who see the harm at first \
             hand. Please send failing patterns as soon as you are sure of them; you need not wait \
             for the paper.",
        ),
    },
    Record {
        by: "b.achterhoek@delfshoorn.example",
        area: "robustness",
        asks: "600",
        question: "How many repetitions does an evaluation of a language model need?",
        plan: "\
            Evaluations report a single run. I want to study the variance by running public \
            benchmarks many times and give recommendations on sample sizes.",
        api_use: "\
            Five benchmarks, 30 runs each, two models: around 1.2 million calls. I ask for $600 \
            and would stop when it is used up.",
        advice: &[
            (
                Unsure,
                "\
                 A good question and the wrong plan: 1.2 million calls do not fit in $600, and \
                 stopping when the money ends biases the estimate.",
            ),
            (
                Decline,
                "\
                 Variance components can be estimated from a subsample of items. Please redo the \
                 design as a crossed study of items, prompts and runs.",
            ),
        ],
        fate: Fate::Declined(
            "\
             A useful question, but the number of calls does not fit the amount, and stopping when \
             the money is used up would bias the answer. A crossed design over a sample of items, \
             prompts and runs would give the variance components for a tenth of the calls. Please \
             come back with that.",
        ),
    },
];
