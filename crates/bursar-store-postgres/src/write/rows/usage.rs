//! What calls used in all, kept with the calls that are written.

use std::collections::BTreeMap;

use bursar_kernel::GrantId;
use bursar_store::rows::Call;
use bursar_store::usage::HOUR_MS;
use bursar_store::{UsageOf, Used, Width};

use crate::codec::{Id, whole};
use crate::error::DbError;
use crate::statement::{Statement, Value, values};

const ADD: &str = "INSERT INTO usage_hour
     SELECT * FROM UNNEST($1::UUID[], $2::BIGINT[], $3::UUID[], $4::TEXT[], $5::TEXT[], $6::TEXT[],
         $7::BIGINT[], $8::BIGINT[], $9::BIGINT[], $10::BIGINT[], $11::BIGINT[], $12::BIGINT[],
         $13::BIGINT[], $14::BIGINT[], $15::BIGINT[], $16::BIGINT[], $17::BIGINT[], $18::BIGINT[])
     ON CONFLICT (grant_id, hour, key_id, model, endpoint, tier) DO UPDATE SET
     calls = usage_hour.calls + excluded.calls,
     input = usage_hour.input + excluded.input, cached = usage_hour.cached + excluded.cached,
     cache_write = usage_hour.cache_write + excluded.cache_write,
     audio_in = usage_hour.audio_in + excluded.audio_in,
     image_in = usage_hour.image_in + excluded.image_in,
     output = usage_hour.output + excluded.output,
     audio_out = usage_hour.audio_out + excluded.audio_out,
     image_out = usage_hour.image_out + excluded.image_out,
     characters = usage_hour.characters + excluded.characters,
     seconds = usage_hour.seconds + excluded.seconds,
     images = usage_hour.images + excluded.images";

/// Adds what calls used that were not there: a group has thousands, of a few keys and models.
pub(super) fn add(rows: &[&Call]) -> Result<Statement, DbError> {
    let mut sums = BTreeMap::<(GrantId, UsageOf), Used>::new();
    for row in rows {
        let sum = sums.entry((row.grant, UsageOf::of(row, Width::Hour))).or_default();
        sum.add(&Used::one(&row.usage));
    }
    let of = |text: fn(&UsageOf) -> &str| -> Vec<String> {
        sums.keys().map(|(_, of)| text(of).to_owned()).collect()
    };
    let mut values = values![
        sums.keys().map(|(grant, _)| Id(grant.to_bytes())).collect::<Vec<_>>(),
        sums.keys().map(|(_, of)| of.at / HOUR_MS).collect::<Vec<_>>(),
        sums.keys().map(|(_, of)| Id(of.key.to_bytes())).collect::<Vec<_>>(),
        of(|of| of.model.as_str()),
        of(|of| of.endpoint.name()),
        of(|of| of.tier.name()),
        sums.values().map(|sum| whole(sum.calls)).collect::<Result<Vec<_>, _>>()?,
    ];
    let counts: Vec<_> = sums.values().map(|sum| sum.counts).collect();
    for column in 0..bursar_store::usage::COUNTED {
        let column = counts.iter().filter_map(|counts| counts.get(column));
        let column = column.map(|count| whole(*count)).collect::<Result<Vec<_>, _>>()?;
        values.push(Box::new(column) as Value);
    }
    Ok(Statement { sql: ADD, values, changes: sums.len() })
}
