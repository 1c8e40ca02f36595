// All parameters of one rank's stage: a set of unit buffers per layer, a table that two layers of
// the stage share stored once.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "executor/parameters/unit_buffers.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// LibTorch's type for a job's precision. Throws ExecutorError (bad input) for those that are only
// priced.
at::ScalarType compute_type(Precision precision);

class ParameterStore {
 public:
  struct Place {
    int layer = 0;
    int unit = 0;  // index into parameter_units(layer)

    auto operator<=>(const Place&) const = default;
  };

  // All weights zero, on `device`.
  ParameterStore(const Plan& plan, const LayerGraph& graph, int rank, at::Device device,
                 LiveBytes& live_bytes);

  UnitBuffers& unit(const Place& place) { return *units_.at(place); }
  const UnitBuffers& unit(const Place& place) const { return *units_.at(place); }

  // Every unit once, under the first layer that uses it.
  const std::vector<Place>& stored() const { return stored_; }
  // All units of the layer, stored here or with an earlier layer.
  std::vector<Place> units_of(int layer) const;

  // The autograd leaves in the order of Layer::parameters.
  std::span<const at::Tensor> leaves(int layer) const { return leaves_.at(layer); }

 private:
  void collect_leaves(const Layer& layer, const std::vector<ParameterUnit>& units, int index);

  std::map<Place, std::shared_ptr<UnitBuffers>> units_;
  std::vector<Place> stored_;
  std::map<int, std::vector<at::Tensor>> leaves_;
};

}  // namespace galvatron
