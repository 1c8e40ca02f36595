#include "cost_models/collective_table.h"

#include <cmath>

#include "cost_models/collectives.h"
#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

constexpr GroupPlacement kPair{.ranks = 2, .nodes = 1, .ranks_per_node = 2};

CollectiveTable table(CollectiveKind kind) {
  CollectiveTable table{.collective = kind, .placement = kPair, .payload = {{1024}, {4096}}};
  append(table.time, {{1e-3}, {1e-3}, {1e-3}, 5});
  append(table.time, {{8e-3}, {8e-3}, {8e-3}, 5});
  return table;
}

Hardware measured() {
  Hardware hardware = a100(1);
  hardware.collectives = MeasuredCollectives{
      .tables = {table(CollectiveKind::all_reduce), table(CollectiveKind::send)}};
  return hardware;
}

Seconds all_reduce(Bytes payload, const GroupPlacement& placement, const Hardware& hardware) {
  return collective_time({.kind = CollectiveKind::all_reduce, .payload = payload}, placement,
                         hardware);
}

TEST_CASE("between two sizes a table is a power law") {
  // 4 times the bytes take 8 times as long: twice the bytes sqrt(8).
  CHECK(measured_time(table(CollectiveKind::all_reduce), {2048})->value ==
        Approx(1e-3 * std::sqrt(8.0)));
  CHECK(measured_time(table(CollectiveKind::all_reduce), {4096})->value == 8e-3);
}

TEST_CASE("below its smallest size a table is flat, beyond its largest it says nothing") {
  CHECK(measured_time(table(CollectiveKind::all_reduce), {16})->value == 1e-3);
  CHECK_FALSE(measured_time(table(CollectiveKind::all_reduce), {4097}));
}

TEST_CASE("a measured table takes the place of the law") {
  CHECK(all_reduce({4096}, kPair, measured()).value == 8e-3);
  GroupPlacement strided = kPair;
  strided.spacing = GroupPlacement::Spacing::strided;
  CHECK(all_reduce({4096}, strided, measured()) == all_reduce({4096}, strided, a100(1)));
}

TEST_CASE("beyond a table the law scales its last time") {
  const Bytes large = 1 * kGiB;
  const double ratio = all_reduce(large, kPair, a100(1)) / all_reduce({4096}, kPair, a100(1));
  CHECK(all_reduce(large, kPair, measured()).value == Approx(8e-3 * ratio));
}

TEST_CASE("a receive is its send, wherever in the node the two ranks are") {
  GroupPlacement far = kPair;
  far.spacing = GroupPlacement::Spacing::strided;
  CHECK(collective_time({.kind = CollectiveKind::receive, .payload = {1024}}, far, measured())
            .value == 1e-3);
}

}  // namespace
}  // namespace galvatron
