#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#undef CHECK
#include <numeric>

#include "executor/communication/mpi_communicator.h"
#include "executor/communication/nccl_communicator.h"
#include "test/catch.h"
#include "test/executor/test_device.h"

namespace galvatron {
namespace {

std::unique_ptr<Communicator> world(Ledger& ledger) {
  return make_test_world(mpi_world_size(), ledger);
}

// [rows, 2], every element `value`.
at::Tensor rows_of(std::int64_t rows, double value) {
  return at::full({rows, 2}, value, test_device());
}

bool all_equal(const at::Tensor& tensor, double value) {
  return tensor.eq(value).all().item<bool>();
}

LedgerEntry entry(CollectiveKind kind, const RankGroup& group, std::int64_t bytes) {
  return {.kind = kind, .group = group, .payload = Bytes{bytes}};
}

}  // namespace

TEST_CASE("all-reduce sums and takes the largest over the ranks, bf16 too") {
  Ledger ledger;
  const auto group = world(ledger);
  const int size = group->size();
  const double sum = size * (size + 1) / 2.0;
  for (const at::ScalarType type : {at::kFloat, at::kDouble, at::kLong, at::kBFloat16}) {
    const at::Tensor summed = rows_of(3, group->rank() + 1.0).to(type);
    group->all_reduce(summed);
    CHECK(all_equal(summed, sum));
    const at::Tensor largest = rows_of(3, group->rank() + 1.0).to(type);
    group->all_reduce(largest, ReduceOp::max);
    CHECK(all_equal(largest, size));
  }
  CHECK(ledger.entries().size() == 8);
  CHECK(ledger.entries().at(0) == entry(CollectiveKind::all_reduce, group->group(), 6 * 4));
  CHECK(ledger.entries().at(6) == entry(CollectiveKind::all_reduce, group->group(), 6 * 2));
}

TEST_CASE("all-gather joins the shards in rank order and reduce-scatter sums them back") {
  Ledger ledger;
  const auto group = world(ledger);
  const at::Tensor full = group->all_gather(rows_of(3, group->rank()));
  CHECK(full.size(0) == 3 * group->size());
  for (int rank = 0; rank < group->size(); ++rank) {
    CHECK(all_equal(full.narrow(0, 3 * rank, 3), rank));
  }
  const at::Tensor shard = group->reduce_scatter(full.to(at::kBFloat16));
  CHECK(shard.size(0) == 3);
  CHECK(all_equal(shard, group->rank() * group->size()));
  CHECK(ledger.entries().at(0) ==
        entry(CollectiveKind::all_gather, group->group(), 6 * 4 * group->size()));
  CHECK(ledger.entries().at(1) ==
        entry(CollectiveKind::reduce_scatter, group->group(), 6 * 2 * group->size()));
}

TEST_CASE("all-to-all passes a different number of rows to each rank") {
  Ledger ledger;
  const auto group = world(ledger);
  const auto size = static_cast<std::size_t>(group->size());
  const std::int64_t rank = group->rank();
  // Rank r sends to rank p r + p + 1 rows of value r.
  RowCounts counts(size);
  std::iota(counts.begin(), counts.end(), rank + 1);
  const std::int64_t rows = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  const at::Tensor received =
      group->all_to_all(rows_of(rows, static_cast<double>(rank)), counts, counts);
  std::int64_t first = 0;
  for (std::size_t peer = 0; peer < size; ++peer) {
    CHECK(all_equal(received.narrow(0, first, counts[peer]), static_cast<double>(peer)));
    first += counts[peer];
  }
  const std::int64_t own = counts[static_cast<std::size_t>(rank)];
  CHECK(ledger.entries().at(0) ==
        entry(CollectiveKind::all_to_all, group->group(), (rows - own) * 2 * 4));
}

TEST_CASE("sends and receives around a ring arrive and are recorded by pair") {
  Ledger ledger;
  const auto group = world(ledger);
  const int next = (group->rank() + 1) % group->size();
  const int previous = (group->rank() + group->size() - 1) % group->size();
  const at::Tensor received = at::zeros({3, 2}, test_device());
  const bool sends_first = group->rank() % 2 == 0;
  Request receive;
  Request send;
  if (!sends_first) receive = group->start_receive(received, previous);
  send = group->start_send(rows_of(3, group->rank()), next);
  if (sends_first) receive = group->start_receive(received, previous);
  receive.wait();
  send.wait();
  send.wait();  // again is nothing
  CHECK(all_equal(received, previous));
  const LedgerEntry& sent = ledger.entries().at(sends_first ? 0 : 1);
  CHECK(sent.kind == CollectiveKind::send);
  CHECK(sent.group == RankGroup{.first = std::min(group->rank(), next),
                                .size = 2,
                                .stride = std::abs(group->rank() - next)});
  CHECK(ledger.entries().at(sends_first ? 1 : 0).kind == CollectiveKind::receive);
}

TEST_CASE("a group of one rank costs nothing and is not recorded") {
  Ledger ledger;
  const auto everyone = world(ledger);
  std::vector<RankGroup> singles;
  for (int rank = 0; rank < everyone->size(); ++rank) singles.push_back({.first = rank});
  const auto parts = everyone->split(singles);
  Communicator& alone = *parts.at(static_cast<std::size_t>(everyone->rank()));
  const at::Tensor tensor = rows_of(3, 7);
  alone.all_reduce(tensor);
  CHECK(alone.all_gather(tensor).is_same(tensor));
  CHECK(alone.reduce_scatter(tensor).is_same(tensor));
  CHECK(alone.all_to_all(tensor, {3}, {3}).is_same(tensor));
  alone.barrier();
  CHECK(all_equal(tensor, 7));
  CHECK(ledger.entries().empty());
}

TEST_CASE("split gives each rank its groups only, in ranks of the root") {
  Ledger ledger;
  const auto everyone = world(ledger);
  const int half = everyone->size() / 2;
  const auto parts = everyone->split(
      {{.first = 0, .size = half, .stride = 2}, {.first = 1, .size = half, .stride = 2}});
  const auto mine = static_cast<std::size_t>(everyone->rank() % 2);
  REQUIRE(parts.at(mine) != nullptr);
  CHECK(parts.at(1 - mine) == nullptr);
  CHECK(parts.at(mine)->rank() == everyone->rank() / 2);
  CHECK(parts.at(mine)->size() == half);

  // The last member of each half once more, alone: nested groups still count from the root.
  const auto last = parts.at(mine)->split({{.first = half - 1}});
  const bool is_last = everyone->rank() / 2 == half - 1;
  REQUIRE((last.at(0) != nullptr) == is_last);
  if (is_last) CHECK(last.at(0)->group().first == everyone->rank());
}

TEST_CASE("a communicator over some ranks counts them from 0", "[cpu]") {
  Ledger ledger;
  const int size = mpi_world_size() - 1;
  const auto tail = make_mpi_communicator({.first = 1, .size = size, .stride = 1}, ledger);
  REQUIRE((tail != nullptr) == (mpi_world_rank() > 0));
  if (!tail) return;
  CHECK(tail->rank() == mpi_world_rank() - 1);
  CHECK(tail->group() == RankGroup{.first = 0, .size = size, .stride = 1});
}

TEST_CASE("a type that MPI cannot reduce is refused by name", "[cpu]") {
  Ledger ledger;
  const auto group = world(ledger);
  CHECK_THROWS_WITH(group->all_reduce(at::zeros({2}, at::kBool)),
                    "cannot reduce Bool over MPI, expected float, double, int64 or bfloat16");
}

TEST_CASE("NCCL is refused by name where it was not built in") {
  if (has_nccl()) return;
  CHECK_THROWS_WITH(make_nccl_communicator({.rank = 1, .size = 4}, at::kCPU),
                    "rank 1 of 4: built without NCCL; use --transport mpi");
}

}  // namespace galvatron
