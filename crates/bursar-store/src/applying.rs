//! What people do with their applications beside the application itself: who takes part, what is
//! asked and answered, files, and what was typed when a session had ended.

use async_trait::async_trait;
use bursar_award::asking::Question;
use bursar_award::members::Member;
use bursar_kernel::{ApplicationId, MemberId, PersonId, QuestionId};

use crate::reads::ReadError;
use crate::rows::{KeptForm, SecretHash};

/// Bytes of one part of a file: a row. Small enough that a part holds up nobody else's commit, and
/// that a thousand of them fit into memory when an installation moves.
pub const FILE_PART_BYTES: usize = 64 * 1024;

/// What is written of files and forms: neither has a version.
#[derive(Clone, Debug)]
pub enum ApplyingWrite {
    /// A part of a file. One that is there already has the same content, and stays.
    FilePart {
        /// The application that it is of.
        application: ApplicationId,
        /// The hash of the whole file.
        hash: SecretHash,
        /// Which part, from 0.
        number: u32,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// The files of one application become another's too.
    CopyFiles {
        /// Whose they are.
        from: ApplicationId,
        /// Whose they become.
        to: ApplicationId,
    },
    /// A file goes, or all of an application's.
    ForgetFiles {
        /// Whose.
        application: ApplicationId,
        /// Which; `None` for all.
        hash: Option<SecretHash>,
    },
    /// What somebody had typed when their session had ended; those that have expired go.
    KeepForm(KeptForm),
    /// Such a form was read, or is not wanted.
    ForgetForm(SecretHash),
}

/// What can be asked about them. Not found is `None`.
#[async_trait]
pub trait ApplyingReads: Send + Sync {
    /// Those who were invited to an application, in order.
    async fn members(&self, application: ApplicationId) -> Result<Vec<Member>, ReadError>;
    /// One of them.
    async fn member(&self, id: MemberId) -> Result<Option<Member>, ReadError>;
    /// The one whom a letter's secret invites.
    async fn member_by_secret(&self, hash: SecretHash) -> Result<Option<Member>, ReadError>;
    /// Where somebody takes part, latest first.
    async fn memberships(&self, person: PersonId) -> Result<Vec<Member>, ReadError>;
    /// What officers asked about an application, in order.
    async fn questions(&self, application: ApplicationId) -> Result<Vec<Question>, ReadError>;
    /// One such question.
    async fn question(&self, id: QuestionId) -> Result<Option<Question>, ReadError>;
    /// A part of a file; `None` after its last.
    async fn file_part(
        &self,
        application: ApplicationId,
        hash: SecretHash,
        number: u32,
    ) -> Result<Option<Vec<u8>>, ReadError>;
    /// A form that was kept, whether or not it has expired.
    async fn kept_form(&self, hash: SecretHash) -> Result<Option<KeptForm>, ReadError>;
}
