//! A limit on everything, named once. Each says why the number is what it is.

use jiff::SignedDuration;

/// Bytes of a request body through the gateway. A million-token prompt is some 4 MB of text, and
/// eight images inline are some 10 MB more.
pub const GATEWAY_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a form through the gateway: a recording may have 25 MB, the provider's own limit, and
/// its form a little more.
pub const GATEWAY_FORM_BYTES_MAX: usize = 26 * 1024 * 1024;
/// Images that one edit may start from, the provider's own limit, and a mask.
pub const IMAGES_EDITED_MAX: usize = 16;
/// Parts of a form through the gateway: files and fields. No endpoint knows as many fields.
pub const FORM_PARTS_MAX: usize = 64;
/// Bytes of the head of one part of a form: its name, and what its file is called.
pub const FORM_PART_HEAD_BYTES_MAX: usize = 4 * 1024;
/// Bytes of one message of a realtime session: the provider takes 15 MiB of audio in one event.
pub const REALTIME_MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long a realtime session lasts at the most, the provider's own limit.
pub const REALTIME_SESSION_MAX: SignedDuration = SignedDuration::from_mins(60);
/// How long a realtime session may be without an event of its client's: long enough to think, and
/// no page that somebody forgot keeps it for an hour.
pub const REALTIME_IDLE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// Realtime sessions of one grant that can be open at a node at a time: a study of many speakers,
/// and no flood. Each has two connections, and a message of each side in memory.
pub const REALTIME_SESSIONS_PER_GRANT_MAX: usize = 32;
/// Realtime sessions that can be open at a node at a time.
pub const REALTIME_SESSIONS_MAX: usize = 1_024;
/// Seconds that a client which takes nothing may keep a realtime session waiting.
pub const REALTIME_SEND_SECONDS_MAX: u64 = 30;
/// Seconds that are waited for the cost of a response whose client has left: it was stopped.
pub const REALTIME_LEAVING_SECONDS_MAX: u64 = 20;
/// Seconds that a client may take to send a request body.
pub const GATEWAY_BODY_SECONDS_MAX: u64 = 60;
/// Bytes of a file that is uploaded. The provider takes 200 MB of a batch; here it is in memory
/// while it is passed on.
pub const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Seconds that a client may take to send a file.
pub const UPLOAD_SECONDS_MAX: u64 = 600;
/// Files that are on their way through one node at a time: each may take twice its size in memory.
pub const UPLOADS_AT_A_TIME_MAX: usize = 4;
/// Files that a grant can have at a time.
pub const FILES_PER_GRANT_MAX: usize = 1_000;
/// Bytes of a file that is uploaded part by part: what the provider takes of a batch. Each part may
/// have as many as a file, so that no more of it is in memory.
pub const UPLOAD_IN_PARTS_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Parts of one upload: of that size, each has less than a megabyte.
pub const UPLOAD_PARTS_MAX: usize = 256;
/// How long an upload waits for its parts, as at the provider.
pub const UPLOAD_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Uploads of one grant that can wait for parts at a time: what lies in them is stored for nothing.
pub const OPEN_UPLOADS_PER_GRANT_MAX: usize = 10;
/// Lines of a batch, the provider's own limit.
pub const BATCH_LINES_MAX: u64 = 50_000;
/// Characters of the name that a client gives a line of a batch.
pub const CUSTOM_ID_CHARACTERS_MAX: usize = 512;
/// How long a batch may take, the only window that the provider offers.
pub const BATCH_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Batches of one grant that can be open at a time: each is asked after until it ends.
pub const OPEN_BATCHES_PER_GRANT_MAX: usize = 100;
/// How long a response may take in the background. The provider names no limit; the longest
/// research that is known of takes hours, and what is not known after a day is for a person to find
/// out.
pub const BACKGROUND_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Responses of one grant that can be open in the background at a time: each is asked after until
/// it ends.
pub const OPEN_RESPONSES_PER_GRANT_MAX: usize = 500;
/// Items on one page of what a response was made from, the provider's own limit.
pub const INPUT_ITEMS_LISTED_MAX: u64 = 100;
/// Batches and responses under way that are looked at in one turn.
pub const OPEN_PER_TURN_MAX: usize = 10_000;
/// Files or batches on one page of a list. The provider gives up to 10,000 files and 100 batches.
pub const LISTED_MAX: usize = 1_000;
/// Buckets of usage on a page, unless asked and at the most: the provider's own numbers.
pub const USAGE_MINUTES_USUAL: usize = 60;
/// The same, of a whole day.
pub const USAGE_MINUTES_MAX: usize = 1_440;
/// The same for buckets of an hour.
pub const USAGE_HOURS_USUAL: usize = 24;
/// The same, of a whole week.
pub const USAGE_HOURS_MAX: usize = 168;
/// The same for buckets of a day.
pub const USAGE_DAYS_USUAL: usize = 7;
/// The same, of a whole month.
pub const USAGE_DAYS_MAX: usize = 31;
/// Days of costs on a page, unless asked: the provider's own number.
pub const COST_DAYS_USUAL: usize = 7;
/// The same at the most.
pub const COST_DAYS_MAX: usize = 180;
/// Days that a tool is told of at a time which asks for what was billed: the life of a grant, which
/// is twelve months, and a month.
pub const BILLING_DAYS_MAX: i64 = 400;
/// Calls that are read for one page of usage by the minute: some hundred milliseconds' work. A page
/// that would take more ends before, at a whole minute.
pub const USAGE_CALLS_READ_MAX: usize = 20_000;
/// Seconds that one call may take, the provider's SDK default for a whole request.
pub const CALL_SECONDS_MAX: i64 = 600;
/// How long after its time limit a call may still be settled; past it the hold is in suspense.
pub const SETTLE_GRACE: SignedDuration = SignedDuration::from_mins(15);
/// Seconds that the gateway goes on reading an answer whose client has left, to learn its cost.
pub const ABANDONED_READ_SECONDS_MAX: u64 = 120;
/// Bytes of an answer that is not streamed. A million output tokens with log probabilities fit.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of one server-sent event from an upstream.
pub const EVENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The same where the event is an image: 1536 by 1024 pixels of four bytes that no format makes
/// smaller, in base64, are 8.4 MB.
pub const IMAGE_EVENT_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Chunks of an answer that wait for a slow client before the upstream is read no further.
pub const STREAM_CHUNKS_WAITING_MAX: usize = 32;
/// Choices that one call may ask for, the provider's own limit.
pub const CHOICES_MAX: u64 = 128;
/// Candidates for each prompt of a completion, the provider's own limit.
pub const BEST_OF_MAX: u64 = 20;
/// Images that one call may ask for, the provider's own limit.
pub const IMAGES_MAX: u64 = 10;
/// Partial images of one that is streamed, the provider's own limit.
pub const PARTIAL_IMAGES_MAX: u64 = 3;
/// Characters of a text to speak, and of the instructions how, the provider's own limit.
pub const SPEECH_CHARACTERS_MAX: usize = 4_096;
/// Messages of one call.
pub const MESSAGES_MAX: usize = 10_000;
/// Inputs of one embedding or moderation call, the provider's own limit.
pub const INPUTS_MAX: usize = 2_048;
/// Calls in flight at one node; beyond it new ones are refused at once.
pub const CALLS_IN_FLIGHT_MAX: usize = 10_000;
/// Money is called tight when fewer holds than this would fit. Only then is the input counted with
/// the tokenizer: a hold by bytes is some four times too large, which nobody notices before.
pub const HOLDS_AFFORDABLE_BEFORE_COUNTING: i64 = 1_024;
/// Writes that wait for the store; beyond it callers are told to come back.
pub const WRITES_WAITING_MAX: usize = 8_192;
/// Writes in one durable commit: past some 500 the gain is small and the wait grows.
pub const WRITES_PER_COMMIT_MAX: usize = 512;
/// How far two clocks may be apart: a lease ends this long before its lot expires.
pub const LEASE_SKEW_MAX: SignedDuration = SignedDuration::from_secs(2);
/// An output limit that a client left out is lowered to what the balance affords, but not below
/// this many tokens: a shorter answer is of no use.
pub const OUTPUT_TOKENS_LEAST: u64 = 16;
/// Leases that one hold can lie on: lots of one wallet, and the key's rights. A call that would
/// need more is refused; a wallet seldom has two lots that are nearly spent.
pub const HOLD_PARTS_MAX: u8 = 5;
/// Calls in one report of a lease: all that can end at a node between two group commits, so that
/// every charge is in the next one.
pub const CALLS_PER_REPORT_MAX: usize = CALLS_IN_FLIGHT_MAX;
/// Bytes of a form that a page sends.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;
/// How long a request to the JSON door may take. Turning the clock over years of jobs is the
/// longest.
pub const REQUEST_TIME_MAX: SignedDuration = SignedDuration::from_mins(10);
/// How long an idempotency key is kept, as long as other doors of this kind do: a script that
/// stopped in the evening goes on in the morning.
pub const IDEMPOTENCY_KEY_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Rows on one page of a list.
pub const ROWS_PER_PAGE: usize = 50;
/// Keys of one grant that can be used at a time.
pub const KEYS_PER_GRANT_MAX: usize = 100;
/// Studies of one grant: all of them are read at once.
pub const STUDIES_PER_GRANT_MAX: usize = 100;
/// Characters of what is noted about a study.
pub const NOTES_CHARACTERS_MAX: usize = 5_000;
/// Characters of a name: a person's, a key's, a study's.
pub const NAME_CHARACTERS_MAX: usize = 200;
/// Characters of a mail address (RFC 5321).
pub const EMAIL_CHARACTERS_MAX: usize = 254;
/// How long a mailed sign-in link works.
pub const SIGN_IN_LINK_LIFE: SignedDuration = SignedDuration::from_mins(30);
/// How long a browser may take to answer with a passkey: its user reads, touches and types.
pub const PASSKEY_ANSWER_TIME: SignedDuration = SignedDuration::from_mins(5);
/// How long a browser stays signed in.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Characters of a review's comment, a decision's reasons or its justification: some three pages.
pub const JUDGEMENT_CHARACTERS_MAX: usize = 10_000;
