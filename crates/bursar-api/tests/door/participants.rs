//! Who spends a grant, at the door: invited, changed, taken out, and whose a key is.

use bursar_api::types::{ChangeParticipant, InviteParticipant, NewKey, RemoveParticipant};
use bursar_client::ClientError;
use bursar_kernel::{GrantRole, ParticipantId, PersonId};

use crate::house::{House, program};
use crate::story::{to_ada, usd};

fn refused(error: ClientError) -> (u16, String) {
    let ClientError::Refused { status, problem, .. } = error else { panic!("{error:?}") };
    let fields = problem.fields.into_iter().map(|it| format!(" {}: {}", it.field, it.message));
    (status.as_u16(), problem.message + &fields.collect::<String>())
}

#[tokio::test]
async fn people_are_invited_changed_and_taken_out_at_the_door() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), usd("1000")).await.unwrap();
    let made = client.issue_grant(&to_ada("250", None)).await.unwrap();
    let (grant, holder) = (made.id, made.holder);
    assert_eq!(client.participants(grant).await.unwrap().participants, []);
    let domain = holder.email.split_once('@').unwrap().1;
    let invite = |name: &str| InviteParticipant {
        email: format!("{name}@{domain}"),
        role: GrantRole::Member,
        studies: Vec::new(),
    };
    let line = client.invite_participant(grant, &invite("grace")).await.unwrap();
    assert_eq!((line.state.as_str(), line.role, line.version), ("invited", GrantRole::Member, 1));
    let (status, message) =
        refused(client.invite_participant(grant, &invite("grace")).await.unwrap_err());
    assert_eq!((status, message.contains("invite somebody twice")), (409, true), "{message}");
    let stranger = InviteParticipant { email: "x@gmail.com".to_owned(), ..invite("x") };
    let (status, message) = refused(client.invite_participant(grant, &stranger).await.unwrap_err());
    assert_eq!((status, message.contains("institution")), (422, true), "{message}");
    let again = client.send_invitation_again(grant, line.id).await;
    assert_eq!(refused(again.unwrap_err()).0, 409, "it has only just been sent");

    let change = ChangeParticipant {
        role: GrantRole::ReadOnly,
        studies: Vec::new(),
        version: Some(7),
        keys_to: None,
    };
    let stale = client.change_participant(grant, line.id, &change).await;
    assert_eq!(refused(stale.unwrap_err()).0, 409);
    let change = ChangeParticipant { version: Some(1), ..change };
    let changed = client.change_participant(grant, line.id, &change).await.unwrap();
    assert_eq!((changed.role, changed.version), (GrantRole::ReadOnly, 2));
    let nobody = ParticipantId::from_bytes([7; 16]);
    let missing = client.remove_participant(grant, nobody, &RemoveParticipant::default()).await;
    assert_eq!(refused(missing.unwrap_err()).0, 404);
    let wanted = RemoveParticipant { version: Some(2), keys_to: None };
    let removed = client.remove_participant(grant, line.id, &wanted).await.unwrap();
    assert_eq!(removed.state, "removed");

    // A key is the holder's unless it is somebody's who takes part.
    let key = client.make_key(grant, &NewKey::default()).await.unwrap();
    assert_eq!(key.person, holder.id);
    let stray = NewKey { person: Some(PersonId::from_bytes([7; 16])), ..NewKey::default() };
    let (status, message) = refused(client.make_key(grant, &stray).await.unwrap_err());
    assert_eq!((status, message.contains("who takes part")), (422, true), "{message}");
}
