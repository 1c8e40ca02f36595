#include "cost_models/layer_costs.h"

#include <vector>

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

std::vector<LayerSetting> settings() {
  using Tables = LayerPlacement::TiedTables;
  std::vector<LayerSetting> all;
  for (const std::int64_t tokens : {1024, 4096}) {
    for (const int tensor : {1, 2, 8}) {
      for (const Zero zero : {Zero::none, Zero::optimizer, Zero::gradients, Zero::parameters}) {
        for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
          for (const Tables tables : {Tables::stored, Tables::held_elsewhere}) {
            all.push_back({.strategy = {.tensor = tensor,
                                        .data = 8 / tensor,
                                        .zero = tensor < 8 ? zero : Zero::none,
                                        .sequence_parallel = tensor == 2,
                                        .recompute = recompute},
                           .group_tokens = tokens,
                           .precision = Precision::bf16,
                           .tied_tables = tables});
          }
        }
      }
    }
  }
  return all;
}

}  // namespace

TEST_CASE("costs that strategies share are those of each strategy alone, in any order") {
  Cluster with_laws = a100_cluster(1, 8);
  with_laws.runtime.laws = RuntimeLaws{};
  const std::vector<LayerSetting> in_order = settings();
  for (const Cluster& cluster : {a100_cluster(2, 8), with_laws}) {
    for (const Layer& layer : {gpt_block(1024, 16, 512), gpt_head(1024, 50257, 512)}) {
      LayerCosts costs(layer, cluster);
      for (const LayerSetting& setting : in_order) {
        CHECK(costs.of(setting) == layer_cost(layer, setting, cluster));
      }
      constexpr std::size_t kStride = 31;  // no divisor of their number
      REQUIRE(in_order.size() % kStride != 0);
      for (std::size_t i = 0; i < in_order.size(); ++i) {
        const LayerSetting& setting = in_order[i * kStride % in_order.size()];
        CHECK(costs.of(setting) == layer_cost(layer, setting, cluster));
      }
    }
  }
}

}  // namespace galvatron
