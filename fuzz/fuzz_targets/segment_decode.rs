//! Bytes are a segment or a typed error, never a panic; what is read are whole rows that add up to
//! what the segment says.

#![no_main]

use embsec::backup::segment::{SegmentDecoder, SegmentFormat, count_rows};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for format in SegmentFormat::ALL {
        let Ok(mut decoder) = SegmentDecoder::new(bytes, format) else {
            continue;
        };
        let (mut raw_bytes, mut rows) = (0, 0);
        while let Ok(Some(block)) = decoder.next_block() {
            raw_bytes += block.bytes.len() as u64;
            rows += block.rows;
            let counted = format.rows().map(|rows| count_rows(rows, &block.bytes));
            assert!(counted.is_none_or(|count| count.is_ok_and(|count| count.rows == block.rows)));
        }
        if let Ok(totals) = decoder.finish() {
            assert_eq!((totals.raw_bytes, totals.rows), (raw_bytes, rows));
        }
    }
});
