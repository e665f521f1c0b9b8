//! What segments promise.

use super::*;
use crate::domain::backup::Column;
use proptest::collection::vec;
use proptest::prelude::*;

/// A field: NULL or bytes.
type Field = Option<Vec<u8>>;

fn shape(format: RowFormat, widths: &[Option<u8>]) -> TableShape {
    let columns = widths.iter().enumerate().map(|(number, width)| Column {
        name: format!("column_{number}"),
        type_name: "any".to_owned(),
        float_width: *width,
    });
    TableShape {
        schema: "public".to_owned(),
        name: "documents".to_owned(),
        format,
        columns: columns.collect(),
    }
}

fn tuple(fields: &[Field]) -> Vec<u8> {
    let mut bytes = i16::try_from(fields.len()).unwrap().to_be_bytes().to_vec();
    for field in fields {
        let length = field
            .as_ref()
            .map_or(-1, |field| i32::try_from(field.len()).unwrap());
        bytes.extend(length.to_be_bytes());
        bytes.extend(field.iter().flatten());
    }
    bytes
}

fn vector(values: &[f32]) -> Vec<u8> {
    let mut bytes = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend([0, 0]);
    bytes.extend(values.iter().flat_map(|value| value.to_be_bytes()));
    bytes
}

fn block(rows: &[Vec<u8>]) -> Block {
    Block {
        bytes: rows.concat(),
        rows: rows.len() as u64,
    }
}

fn encode(format: SegmentFormat, shape: &TableShape, blocks: &[Block]) -> (Vec<u8>, SegmentTotals) {
    let mut encoder = match format {
        SegmentFormat::Bytes => SegmentEncoder::bytes(Vec::new()).unwrap(),
        _ => SegmentEncoder::rows(Vec::new(), format, shape).unwrap(),
    };
    for block in blocks {
        encoder.block(block).unwrap();
    }
    encoder.finish().unwrap()
}

fn decode(format: SegmentFormat, stored: &[u8]) -> Result<(Block, SegmentTotals), DecodeError> {
    let mut decoder = SegmentDecoder::new(stored, format)?;
    let mut all = Block::default();
    while let Some(block) = decoder.next_block()? {
        if let Some(rows) = format.rows() {
            assert_eq!(count_rows(rows, &block.bytes).unwrap().rows, block.rows);
        }
        all.rows += block.rows;
        all.bytes.extend(block.bytes);
    }
    Ok((all, decoder.finish()?))
}

/// Three documents: a number, a text or NULL, a vector or NULL, a short vector.
fn documents() -> (TableShape, Vec<Vec<u8>>) {
    let rows = [(1_u8, 0.25), (2, -1.5), (3, 1e-9)].map(|(number, value)| {
        tuple(&[
            Some(i64::from(number).to_be_bytes().to_vec()),
            (number != 2).then(|| b"a text".to_vec()),
            (number != 3).then(|| vector(&[value, 2.0, -0.0])),
            Some(vec![0, 1, 0, 0, 0x3c, number]),
        ])
    });
    let widths = [None, None, Some(4), Some(2)];
    (shape(RowFormat::Binary, &widths), rows.to_vec())
}

#[test]
fn every_format_has_one_word() {
    for format in SegmentFormat::ALL {
        assert_eq!(SegmentFormat::parse(format.as_str()), Some(format));
        let json = serde_json::to_string(&format).unwrap();
        assert_eq!(json, format!("\"{}\"", format.as_str()));
    }
    assert_eq!(SegmentFormat::parse("pgcopy"), None);
}

/// A length as it is written.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap().to_be_bytes()
}

#[test]
fn a_split_segment_is_laid_out_as_published() {
    let (shape, rows) = documents();
    let (stored, _) = encode(SegmentFormat::PgcopySplit, &shape, &[block(&rows[..1])]);
    let header = br#"{"format":"pgcopy-split-v1","table":"public.documents","floats":[{"column":2,"width":4,"name":"column_2"},{"column":3,"width":2,"name":"column_3"}]}"#;
    let rest: &[&[u8]] = &[
        &[0, 4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1],
        b"\0\0\0\x06a text",
        &[0, 0, 0, 16, 0, 3, 0, 0, 0, 0, 0, 6, 0, 1, 0, 0],
    ];
    let rest = rest.concat();
    let mut expected = b"embseg1\n".to_vec();
    expected.extend(length(header));
    expected.extend(header);
    let raw_bytes = rest.len() + 12 + 2;
    let raw_bytes = u32::try_from(raw_bytes).unwrap();
    expected.push(b'B');
    expected.extend(raw_bytes.to_be_bytes());
    expected.extend([0, 0, 0, 1, 7]);
    // 0.25 is 3e800000, 2 is 40000000, -0 is 80000000; rotated left by one bit.
    let planes: &[&[u8]] = &[
        &[0x7d, 0x80, 0],
        &[0; 3],
        &[0; 3],
        &[0, 0, 1],
        &[0x78],
        &[2],
    ];
    for (kind, part) in [(0, rest.as_slice())]
        .into_iter()
        .chain(planes.iter().map(|p| (1, *p)))
    {
        expected.extend([kind, 0]);
        expected.extend(length(part).repeat(2));
        expected.extend(part);
    }
    expected.push(b'E');
    expected.extend(1_u32.to_be_bytes());
    expected.extend(1_u64.to_be_bytes());
    expected.extend(u64::from(raw_bytes).to_be_bytes());
    assert_eq!(stored, expected);
}

#[test]
fn a_portable_segment_is_one_stream_for_stock_tools() {
    let (shape, rows) = documents();
    let (stored, totals) = encode(SegmentFormat::PgcopyBinary, &shape, &[block(&rows)]);
    let stream = zstd::decode_all(stored.as_slice()).unwrap();
    let header = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    assert_eq!(
        stream,
        [header, rows.concat().as_slice(), &[0xff, 0xff]].concat()
    );
    assert_eq!(totals.raw_bytes, rows.concat().len() as u64);
    assert_eq!(totals.raw_blake3, *blake3::hash(&rows.concat()).as_bytes());
}

#[test]
fn the_sum_tells_rows_apart_and_not_their_order_or_their_layout() {
    let (shape, rows) = documents();
    let swapped = [rows[2].clone(), rows[0].clone(), rows[1].clone()];
    let (_, first) = encode(SegmentFormat::PgcopySplit, &shape, &[block(&rows)]);
    let (_, second) = encode(SegmentFormat::PgcopyBinary, &shape, &[block(&swapped)]);
    assert_eq!(first.sum, second.sum);
    assert_ne!(first.raw_blake3, second.raw_blake3);
    let fresh = count_rows(RowFormat::Binary, &rows.concat()).unwrap();
    assert_eq!((fresh.rows, fresh.sum), (3, first.sum));
    let fewer = count_rows(RowFormat::Binary, &rows[..2].concat()).unwrap();
    assert_ne!(fewer.sum, first.sum);
    // Published, and so never another one.
    assert_eq!(
        count_rows(RowFormat::Text, b"1\ta text\n")
            .unwrap()
            .sum
            .to_string(),
        format!("{:032x}", twox_hash::XxHash3_128::oneshot(b"1\ta text"))
    );
}

#[test]
fn rows_that_are_none_are_refused_when_they_are_written() {
    let (shape, rows) = documents();
    let cut = &rows[0][..rows[0].len() - 1];
    let mut negative = rows[1].clone();
    negative[2..6].copy_from_slice(&(-2_i32).to_be_bytes());
    let huge = [&[0, 4][..], &i32::MAX.to_be_bytes()].concat();
    let narrow = tuple(&[None, None]);
    let cases: [(&[u8], RowError); 6] = [
        (cut, RowError::CutOff { row: 2 }),
        (&negative, RowError::Malformed { row: 2 }),
        (&huge, RowError::TooLarge { row: 2 }),
        (&[0xff, 0xff], RowError::Malformed { row: 2 }),
        (&[0], RowError::CutOff { row: 2 }),
        (
            &narrow,
            RowError::FieldCount {
                row: 2,
                found: 2,
                expected: 4,
            },
        ),
    ];
    for (bad, expected) in cases {
        let bad = block(&[rows[0].clone(), bad.to_vec()]);
        for format in [SegmentFormat::PgcopySplit, SegmentFormat::PgcopyBinary] {
            if format == SegmentFormat::PgcopyBinary && bad.bytes.ends_with(&narrow) {
                continue;
            }
            let mut encoder = SegmentEncoder::rows(Vec::new(), format, &shape).unwrap();
            let refused = encoder.block(&bad);
            assert!(
                matches!(refused, Err(EncodeError::Rows(error)) if error == expected),
                "{refused:?}"
            );
        }
    }
    for (text, row) in [(&b"a\n\\.\nb\n"[..], 2), (b"\\.\n", 1)] {
        assert_eq!(
            count_rows(RowFormat::Text, text),
            Err(RowError::Malformed { row })
        );
    }
    assert_eq!(
        count_rows(RowFormat::Text, b"a\nb"),
        Err(RowError::CutOff { row: 2 })
    );
}

#[test]
fn a_block_must_have_as_many_rows_as_it_says_and_the_right_kind() {
    let (shape, rows) = documents();
    let format = SegmentFormat::PgcopySplit;
    let mut encoder = SegmentEncoder::rows(Vec::new(), format, &shape).unwrap();
    let refused = encoder.block(&Block {
        bytes: rows.concat(),
        rows: 2,
    });
    assert!(matches!(
        refused,
        Err(EncodeError::RowCount { said: 2, found: 3 })
    ));
    for format in [SegmentFormat::PgcopyText, SegmentFormat::Bytes] {
        let refused = SegmentEncoder::rows(Vec::new(), format, &shape);
        assert!(matches!(refused, Err(EncodeError::WrongFormat)));
    }
}

#[test]
fn a_segment_that_was_cut_anywhere_is_an_error() {
    let (shape, rows) = documents();
    let text = Block {
        bytes: b"1\tone\n2\ttwo\n".to_vec(),
        rows: 2,
    };
    for format in SegmentFormat::ALL {
        let (block, rows) = match format.rows() {
            Some(RowFormat::Binary) => (block(&rows), RowFormat::Binary),
            _ => (
                Block {
                    bytes: text.bytes.clone(),
                    rows: format.rows().map_or(0, |_| 2),
                },
                RowFormat::Text,
            ),
        };
        let shape = TableShape {
            format: rows,
            ..shape.clone()
        };
        let (stored, totals) = encode(format, &shape, &[block]);
        assert_eq!(decode(format, &stored).unwrap().1, totals);
        for length in 0..stored.len() {
            assert!(
                decode(format, &stored[..length]).is_err(),
                "{format:?}, {length} bytes"
            );
        }
        let grown = [stored.as_slice(), b"\0"].concat();
        assert!(decode(format, &grown).is_err(), "{format:?}");
    }
}

#[test]
fn a_stream_that_contradicts_itself_is_an_error() {
    let (shape, rows) = documents();
    let (stored, _) = encode(SegmentFormat::PgcopySplit, &shape, &[block(&rows)]);
    let at = stored.windows(2).position(|pair| pair == b"}B").unwrap();
    // Its length, its rows, its parts; the kind, the compression and the lengths of the first part.
    for place in [3, 7, 11, 12, 13, 14, 18, 22].map(|offset| at + offset + 2) {
        for flip in [1, 0x80] {
            let mut changed = stored.clone();
            changed[place - 1] ^= flip;
            let outcome = decode(SegmentFormat::PgcopySplit, &changed);
            assert!(outcome.is_err(), "byte {place} flipped by {flip}");
        }
    }
    let header = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    let rows = rows.concat();
    for (head, tail) in [
        (&header[..], &b""[..]),
        (header, b"\xff\xff\0"),
        (&header[1..], b"\xff\xff"),
    ] {
        let frame = zstd::encode_all([head, &rows, tail].concat().as_slice(), 1).unwrap();
        assert!(decode(SegmentFormat::PgcopyBinary, &frame).is_err());
    }
}

#[test]
fn an_end_that_counts_something_else_is_an_error() {
    let (shape, rows) = documents();
    let (stored, _) = encode(SegmentFormat::PgcopySplit, &shape, &[block(&rows)]);
    for place in stored.len() - 21..stored.len() {
        let mut changed = stored.clone();
        changed[place] ^= 1;
        let outcome = decode(SegmentFormat::PgcopySplit, &changed);
        assert!(matches!(outcome, Err(DecodeError::Damaged(_))), "{place}");
    }
}

#[test]
fn nothing_is_read_behind_an_error() {
    let frame = zstd::encode_all(&b"1\n\\.\n"[..], 1).unwrap();
    let mut decoder = SegmentDecoder::new(frame.as_slice(), SegmentFormat::PgcopyText).unwrap();
    assert!(decoder.next_block().is_err());
    assert!(decoder.next_block().is_err());
    assert!(decoder.finish().is_err());
}

/// Fails on the way, as a disk does.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn a_reader_that_fails_is_told_from_a_segment_that_is_damaged() {
    let (shape, rows) = documents();
    for format in [SegmentFormat::PgcopySplit, SegmentFormat::PgcopyBinary] {
        let (stored, _) = encode(format, &shape, &[block(&rows)]);
        let half = stored[..stored.len() / 2].chain(Broken);
        let outcome = SegmentDecoder::new(half, format).and_then(SegmentDecoder::finish);
        assert!(matches!(outcome, Err(DecodeError::Read(_))), "{outcome:?}");
    }
}

#[test]
fn large_blocks_are_divided_and_large_rows_stay_whole() {
    let (shape, rows) = documents();
    let large = tuple(&[
        None,
        Some(vec![b'x'; 3 * BLOCK_BYTES]),
        Some(vector(&[1.0])),
        None,
    ]);
    let many = rows.concat().repeat(BLOCK_BYTES / 60);
    let all = [many.as_slice(), &large, &many].concat();
    let count = count_rows(RowFormat::Binary, &all).unwrap().rows;
    for format in [SegmentFormat::PgcopySplit, SegmentFormat::PgcopyBinary] {
        let whole = Block {
            bytes: all.clone(),
            rows: count,
        };
        let (stored, totals) = encode(format, &shape, &[whole]);
        let mut decoder = SegmentDecoder::new(stored.as_slice(), format).unwrap();
        let mut joined = Vec::new();
        while let Some(block) = decoder.next_block().unwrap() {
            assert!(block.bytes.len() <= large.len() + 2 * BLOCK_BYTES);
            joined.extend(block.bytes);
        }
        assert!(joined == all);
        assert_eq!(decoder.finish().unwrap(), totals);
    }
}

#[test]
fn a_table_with_more_vectors_than_can_be_counted_is_written() {
    let widths = [Some(4); 70];
    let shape = shape(RowFormat::Binary, &widths);
    let row = tuple(&vec![Some(vector(&[0.5, 0.75])); 70]);
    let (stored, totals) = encode(
        SegmentFormat::PgcopySplit,
        &shape,
        &[block(std::slice::from_ref(&row))],
    );
    let (read, found) = decode(SegmentFormat::PgcopySplit, &stored).unwrap();
    assert_eq!((read.bytes, found), (row, totals));
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        1 => Just(None),
        2 => vec(any::<u8>(), 0..24).prop_map(Some),
        3 => vec(any::<f32>(), 0..40).prop_map(|values| Some(vector(&values))),
        1 => (1_usize..5000, any::<u8>()).prop_map(|(length, byte)| Some(vec![byte; length])),
    ]
}

/// A table and its rows, in blocks.
fn table() -> impl Strategy<Value = (TableShape, Vec<Block>)> {
    let width = prop_oneof![Just(None), Just(Some(4_u8)), Just(Some(2)), Just(Some(3))];
    vec(width, 0..6).prop_flat_map(|widths| {
        let rows = vec(vec(field(), widths.len()), 0..12);
        let shape = shape(RowFormat::Binary, &widths);
        (Just(shape), vec(rows, 0..4)).prop_map(|(shape, blocks)| {
            let rows =
                |rows: Vec<Vec<Field>>| rows.iter().map(|row| tuple(row)).collect::<Vec<_>>();
            let blocks = blocks
                .into_iter()
                .map(|block_rows| block(&rows(block_rows)));
            (shape, blocks.collect())
        })
    })
}

fn concat(blocks: &[Block]) -> Block {
    Block {
        bytes: blocks
            .iter()
            .flat_map(|block| block.bytes.clone())
            .collect(),
        rows: blocks.iter().map(|block| block.rows).sum(),
    }
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_written((shape, blocks) in table()) {
        for format in [SegmentFormat::PgcopySplit, SegmentFormat::PgcopyBinary] {
            let (stored, totals) = encode(format, &shape, &blocks);
            let (read, found) = decode(format, &stored).unwrap();
            prop_assert_eq!(&read, &concat(&blocks));
            prop_assert_eq!(found, totals);
        }
    }

    #[test]
    fn lines_and_bytes_read_back(lines in vec(vec("[a-z\t]{0,20}", 0..9), 0..4)) {
        let shape = shape(RowFormat::Text, &[None]);
        let blocks: Vec<Block> = lines.iter().map(|lines| {
            block(&lines.iter().map(|line| format!("{line}\n").into_bytes()).collect::<Vec<_>>())
        }).collect();
        let (stored, totals) = encode(SegmentFormat::PgcopyText, &shape, &blocks);
        let (read, found) = decode(SegmentFormat::PgcopyText, &stored).unwrap();
        prop_assert_eq!(&read, &concat(&blocks));
        prop_assert_eq!(found, totals);
        let bytes: Vec<Block> = blocks.into_iter().map(|block| Block { rows: 0, ..block }).collect();
        let (stored, totals) = encode(SegmentFormat::Bytes, &shape, &bytes);
        let (read, found) = decode(SegmentFormat::Bytes, &stored).unwrap();
        prop_assert_eq!(read, concat(&bytes));
        prop_assert_eq!(found, totals);
    }

    #[test]
    fn any_bytes_are_a_segment_or_an_error(bytes in vec(any::<u8>(), 0..200)) {
        for format in SegmentFormat::ALL {
            drop(decode(format, &bytes));
            let framed = zstd::encode_all(bytes.as_slice(), 1).unwrap();
            drop(decode(format, &framed));
        }
        for format in [RowFormat::Binary, RowFormat::Text] {
            if let Ok(count) = count_rows(format, &bytes) {
                prop_assert!(count.rows <= bytes.len() as u64);
            }
        }
    }

    #[test]
    fn a_changed_segment_is_read_or_refused(
        (shape, blocks) in table(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (mut stored, _) = encode(SegmentFormat::PgcopySplit, &shape, &blocks);
        for (place, byte) in changes {
            let place = place.index(stored.len());
            stored[place] = byte;
        }
        drop(decode(SegmentFormat::PgcopySplit, &stored));
    }
}
