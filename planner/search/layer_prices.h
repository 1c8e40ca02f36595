// What the layers of a model cost on stages of one size, for micro-batches of so many samples: per
// layer type every strategy of the space, in picoseconds and bytes, rounded once, here.
//
// Neither the number of micro-batches nor the memory budget plays a part, so that all batches and
// budgets of a search find their prices in one book.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cost_models/cluster.h"
#include "cost_models/layer_costs.h"
#include "cost_models/transition_cost.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/search/layout_changes.h"
#include "planner/search/problem.h"
#include "planner/search/space.h"
#include "planner/search/table_places.h"

namespace galvatron {

// What is priced. References must outlive the book; the hardware lacks none of its missing_keys.
struct PriceSource {
  const LayerGraph& graph;
  const SearchSpace& space;
  const Hardware& hardware;
  const Runtime& runtime;
  const std::optional<ModelProfile>& profile;
  Job job;  // its global batch does not matter
};

struct StageSetting {
  int pipeline = 1;
  std::int64_t samples = 1;  // of a micro-batch
  // Where the uses of a tied table stand. Not said: no plan costs less than its prices.
  SharedUses shared{};

  auto operator<=>(const StageSetting&) const = default;
};

// In it changes of layout inside a stage are free, and layers that must agree on a strategy need
// not: `instance.h` says why.
struct LayerPrices {
  search::Problem problem;                        // without micro-batches, stages and budget
  std::vector<std::vector<Strategy>> strategies;  // by problem type, parallel to its options
  std::vector<int> first_layers;                  // by problem type: the first layer of it
  std::vector<ActivationShape> activations;       // by problem type: of its output
  std::vector<Layout> layouts;                    // by the problem's number
};

class PriceBook {
 public:
  explicit PriceBook(const PriceSource& source, int threads = 1);
  PriceBook(const PriceBook&) = delete;
  PriceBook& operator=(const PriceBook&) = delete;

  const PriceSource& source() const { return source_; }
  const Cluster& cluster(int pipeline) { return stages(pipeline).cluster; }
  // Null where some layer has no strategy. The prices stay valid as long as the book.
  const LayerPrices* prices(const StageSetting& setting);
  // The changes of layout inside a stage, by switch table. Requires prices.
  const std::vector<search::SwitchTable>& switches(const StageSetting& setting);
  // As layer_cost says, under the job's precision and clipping.
  LayerCosts& costs(const Layer& layer, int pipeline);
  const LayoutChange& layout_change(const Layout& from, const Layout& to, int pipeline) {
    return layout_changes_.of(from, to, cluster(pipeline).devices_per_stage);
  }
  // Those that will be asked for, at once.
  void look_at_changes(const std::vector<std::pair<Layout, Layout>>& changes, int pipeline) {
    layout_changes_.look_at(changes, cluster(pipeline).devices_per_stage, threads_);
  }

 private:
  // Stages of one size.
  struct Stages {
    Cluster cluster;
    std::map<const Layer*, LayerCosts> costs{};
  };

  Stages& stages(int pipeline);

  PriceSource source_;
  int threads_;
  std::map<int, Stages> stages_;  // by pipeline degree
  std::map<StageSetting, std::unique_ptr<LayerPrices>> prices_;
  std::map<StageSetting, std::vector<search::SwitchTable>> switches_;
  LayoutChanges layout_changes_;
};

}  // namespace galvatron
