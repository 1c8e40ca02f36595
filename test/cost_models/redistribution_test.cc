#include "cost_models/redistribution.h"

#include <algorithm>
#include <set>

#include "test/catch.h"

namespace galvatron {
namespace {

using Kind = Redistribution::Kind;

std::vector<Layout> layouts_of(int devices) {
  std::vector<Layout> layouts;
  for (int tensor = 1; tensor <= devices; ++tensor) {
    if (devices % tensor != 0) continue;
    const int data = devices / tensor;
    for (const Order order : {Order::tensor_inner, Order::data_inner}) {
      if (order == Order::data_inner && (tensor == 1 || data == 1)) continue;
      for (const bool sequence_parallel : {false, true}) {
        if (sequence_parallel && tensor == 1) continue;
        layouts.push_back({tensor, data, order, sequence_parallel});
      }
    }
  }
  return layouts;
}

std::set<std::int64_t> set_of(const TokenRange& range) {
  std::set<std::int64_t> tokens;
  for (std::int64_t token = range.begin; token < range.end; ++token) tokens.insert(token);
  return tokens;
}

// A change of layout that is carried out on explicit sets of tokens.
struct Stage {
  Layout from;
  Layout to;
  StageTokens size;
  std::vector<Redistribution> plans;  // by rank

  TokenRange held(int rank) const { return tokens_held(from, size, rank); }
  TokenRange needed(int rank) const { return tokens_held(to, size, rank); }
  const Redistribution& plan(int rank) const { return plans[static_cast<std::size_t>(rank)]; }
};

Stage stage_of(const Layout& from, const Layout& to, int devices) {
  Stage stage{
      .from = from, .to = to, .size = {.devices = devices, .tokens = 24 * devices}, .plans = {}};
  for (int rank = 0; rank < devices; ++rank) {
    stage.plans.push_back(redistribution(from, to, stage.size, rank));
  }
  return stage;
}

// What an all-gather leaves on the rank, in the order in which it arrives.
std::vector<std::int64_t> gathered(const Stage& stage, const RankGroup& group) {
  std::vector<std::int64_t> tokens;
  for (int i = 0; i < group.size; ++i) {
    const auto part = set_of(stage.held(rank_at(group, i)));
    tokens.insert(tokens.end(), part.begin(), part.end());
  }
  return tokens;
}

void check_all_gather(const Stage& stage, int rank) {
  const Redistribution& plan = stage.plan(rank);
  const auto needed = set_of(stage.needed(rank));
  REQUIRE(gathered(stage, plan.group) == std::vector(needed.begin(), needed.end()));
  REQUIRE(plan.payload_tokens == static_cast<std::int64_t>(needed.size()));
  for (int i = 0; i < plan.group.size; ++i) {
    REQUIRE(stage.plan(rank_at(plan.group, i)).group == plan.group);
  }
}

void check_all_to_all(const Stage& stage, int rank) {
  const Redistribution& plan = stage.plan(rank);
  const auto needed = set_of(stage.needed(rank));
  std::set<std::int64_t> tokens = set_of(stage.held(rank));
  for (const TokenMove& move : plan.receives) {
    const auto held = set_of(stage.held(move.peer));
    const auto moved = set_of(move.tokens);
    REQUIRE(std::includes(held.begin(), held.end(), moved.begin(), moved.end()));
    REQUIRE(std::includes(needed.begin(), needed.end(), moved.begin(), moved.end()));
    const std::size_t before = tokens.size();
    tokens.insert(moved.begin(), moved.end());
    REQUIRE(tokens.size() == before + moved.size());  // nothing arrives twice
    // The peer sends just this, and is in the group.
    const auto& sends = stage.plan(move.peer).sends;
    REQUIRE(std::count(sends.begin(), sends.end(), TokenMove{rank, move.tokens}) == 1);
    REQUIRE(stage.plan(move.peer).group == plan.group);
  }
  REQUIRE(std::includes(tokens.begin(), tokens.end(), needed.begin(), needed.end()));
  std::int64_t sent = 0;
  for (const TokenMove& move : plan.sends) {
    REQUIRE(move.peer != rank);
    const auto& receives = stage.plan(move.peer).receives;
    REQUIRE(std::count(receives.begin(), receives.end(), TokenMove{rank, move.tokens}) == 1);
    sent += length(move.tokens);
  }
  REQUIRE(plan.payload_tokens == sent);
}

void check_rank(const Stage& stage, int rank) {
  const auto held = set_of(stage.held(rank));
  const auto needed = set_of(stage.needed(rank));
  switch (stage.plan(rank).kind) {
    case Kind::none:
      REQUIRE(held == needed);
      break;
    case Kind::slice:
      REQUIRE(std::includes(held.begin(), held.end(), needed.begin(), needed.end()));
      break;
    case Kind::all_gather:
      check_all_gather(stage, rank);
      break;
    case Kind::all_to_all:
      check_all_to_all(stage, rank);
      break;
  }
}

// The shape tells what every rank does: kind, and size and stride of the group, largest payload.
void check_shape(const Stage& stage) {
  const RedistributionShape shape = redistribution_shape(stage.from, stage.to, stage.size);
  std::int64_t payload = 0;
  for (const Redistribution& plan : stage.plans) {
    REQUIRE(plan.kind == shape.kind);
    REQUIRE(plan.group.size == shape.group.size);
    REQUIRE(plan.group.stride == shape.group.stride);
    payload = std::max(payload, plan.payload_tokens);
  }
  REQUIRE(shape.payload_tokens == payload);
}

TEST_CASE("every change of layout on up to 12 devices brings each rank exactly its tokens") {
  for (int devices = 1; devices <= 12; ++devices) {
    const std::vector<Layout> layouts = layouts_of(devices);
    for (const Layout& from : layouts) {
      for (const Layout& to : layouts) {
        const Stage stage = stage_of(from, to, devices);
        for (int rank = 0; rank < devices; ++rank) check_rank(stage, rank);
        check_shape(stage);
      }
    }
  }
}

TEST_CASE("an equal layout changes nothing, and only then or where tokens lie alike is it none") {
  for (const Layout& layout : layouts_of(8)) {
    CHECK(redistribution_shape(layout, layout, {8, 64}).kind == Kind::none);
  }
  // One sequence-parallel group of all ranks lies as the canonical layout does, and so does pure
  // data parallelism.
  CHECK(redistribution_shape({.data = 8}, canonical_layout(8), {8, 64}).kind == Kind::none);
}

Kind kind_of(const Layout& from, const Layout& to) {
  return redistribution_shape(from, to, {8, 64}).kind;
}

TEST_CASE("common changes take the expected form") {
  const Layout data{.data = 8};
  const Layout pairs{.tensor = 2, .data = 4};
  const Layout apart{.tensor = 2, .data = 4, .order = Order::data_inner};
  const Layout whole{.tensor = 8};
  const Layout sequence{.tensor = 8, .sequence_parallel = true};
  CHECK(kind_of(data, pairs) == Kind::all_gather);
  CHECK(kind_of(pairs, data) == Kind::slice);
  CHECK(kind_of(sequence, whole) == Kind::all_gather);
  CHECK(kind_of(whole, sequence) == Kind::slice);
  CHECK(kind_of(data, apart) == Kind::all_to_all);
  // Ranks 2d and 2d + 1 hold the same quarter: each gathers from those of its own parity.
  const Redistribution widened = redistribution(pairs, whole, {8, 64}, 3);
  CHECK(widened.kind == Kind::all_gather);
  CHECK(widened.group == RankGroup{.first = 1, .size = 4, .stride = 2});
  CHECK(widened.payload_tokens == 64);
}

TEST_CASE("an all-to-all stays in the smallest block of ranks that it needs") {
  // Quarters on pairs, turned into halves on the two pairs of each half in the other order.
  const Layout from{.tensor = 3, .data = 4};
  const Layout to{.tensor = 2, .data = 6};
  const RedistributionShape shape = redistribution_shape(from, to, {12, 144});
  CHECK(shape.kind == Kind::all_to_all);
  CHECK(shape.group == RankGroup{.first = 0, .size = 6, .stride = 1});
}

TEST_CASE("tokens must divide over the ranks, and samples over the data ranks") {
  const StageTokens stage{.devices = 4, .tokens = 40};  // four samples of ten tokens
  CHECK(divides_tokens({.data = 4}, stage, 10));
  CHECK(divides_tokens({.tensor = 2, .data = 2, .sequence_parallel = true}, stage, 10));
  CHECK_FALSE(divides_tokens({.tensor = 4, .data = 1, .sequence_parallel = true}, {4, 10}, 10));
  CHECK(divides_tokens({.tensor = 4}, {4, 10}, 10));
  CHECK_FALSE(divides_tokens({.data = 4}, {4, 20}, 10));
}

}  // namespace
}  // namespace galvatron
