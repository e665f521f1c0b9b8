//! Reading one embedding beside an empty handler.
//!
//! The goal is set beside a handler on the bare server code, which does nothing but HTTP. The same
//! beside an empty answer of `embsec serve` itself, which has a request id, a log line, metrics and
//! headers too, tells what a read costs above that.

use crate::Scale;
use crate::bare_server::BareServer;
use crate::client::{request, requests_per_second};
use crate::deployment::{Deployment, OWNER, PROJECT};
use crate::report::{Goal, Pairs, print_figure, print_ratio};
use crate::rows::text_id;
use std::rc::Rc;

const CONNECTIONS: usize = 16;

/// Rows that are read in turn, from all over the table.
const ROWS_READ: usize = 100;

pub(crate) async fn measure(deployment: &Deployment, scale: &Scale) {
    let bare = BareServer::start();
    let stored = scale.rows_per_round * scale.upload_rounds;
    let path = |row: usize| format!("/v1/embeddings/{OWNER}/{PROJECT}/{}", text_id(row));
    let get = |path: &str| request("GET", path, &deployment.key, b"");
    let reads = (0..ROWS_READ).map(|n| get(&path(n * stored / ROWS_READ)));
    let reads = Rc::new(reads.collect::<Vec<_>>());
    let empty = Rc::new(vec![get("/")]);
    let empty_answer = Rc::new(vec![request("OPTIONS", &path(0), &deployment.key, b"")]);

    let (mut beside_bare, mut beside_own, mut alone) =
        (Pairs::default(), Pairs::default(), Pairs::default());
    for _ in 0..scale.read_rounds {
        let time = scale.read_time;
        let api = requests_per_second(deployment.address, &reads, CONNECTIONS, time).await;
        let other = requests_per_second(bare.address, &empty, CONNECTIONS, time).await;
        beside_bare.push(api, other);
        let own = requests_per_second(deployment.address, &empty_answer, CONNECTIONS, time).await;
        beside_own.push(api, own);
        let api = requests_per_second(deployment.address, &reads, 1, time).await;
        let other = requests_per_second(bare.address, &empty, 1, time).await;
        alone.push(api, other);
    }
    print_figure("GET of one embedding", beside_bare.api(), "requests/s");
    print_figure("empty handler", beside_bare.other(), "requests/s");
    print_figure("empty answer of embsec", beside_own.other(), "requests/s");
    print_figure("GET speed / empty answer speed", beside_own.ratio(), "");
    print_figure("GET, one connection", alone.api(), "requests/s");
    print_figure("empty handler, one connection", alone.other(), "requests/s");
    print_figure("the same ratio, one connection", alone.ratio(), "");
    let goal = Goal::AtLeast(0.4);
    print_ratio("GET speed / empty handler speed", beside_bare.ratio(), goal);
}
