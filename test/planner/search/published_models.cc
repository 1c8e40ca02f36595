#include "test/planner/search/published_models.h"

#include <algorithm>
#include <stdexcept>

#include "planner/plan/hardware_yaml.h"

namespace galvatron {

const PublishedCosts& published_costs() {
  static const Hardware hardware =
      read_hardware(std::string(GALVATRON_SOURCE_PROFILES) + "/rtx_titan_8_published.yaml");
  return hardware.published.value();
}

const PublishedModel& published_model(const std::string& name) {
  for (const PublishedModel& model : published_costs().models) {
    if (model.name == name) return model;
  }
  throw std::invalid_argument("no published model " + name);
}

PublishedModel with_counts(const std::string& name, const std::vector<int>& counts) {
  PublishedModel model = published_model(name);
  for (std::size_t type = 0; type < counts.size(); ++type) {
    model.layers[type].count = counts[type];
  }
  model.layers.resize(counts.size());
  std::erase_if(model.layers, [](const PublishedLayer& layer) { return layer.count == 0; });
  return model;
}

std::vector<std::int64_t> batches_up_to(std::int64_t last) {
  std::vector<std::int64_t> batches;
  for (std::int64_t batch = 8; batch <= last; batch += 8) batches.push_back(batch);
  return batches;
}

}  // namespace galvatron
