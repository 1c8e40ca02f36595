#include "planner/search/shared_findings.h"

#include <utility>

namespace galvatron::search {
namespace {

bool is_like(const LayerType& one, const LayerType& other) {
  return one.options == other.options && one.enter == other.enter && one.leave == other.leave &&
         one.enter_bytes == other.enter_bytes && one.leave_bytes == other.leave_bytes &&
         one.switch_table == other.switch_table;
}

// Whether stages of the same layers and options are the same stages.
bool is_like(const Problem& one, const Problem& other) {
  return one.micro_batches == other.micro_batches && one.layouts == other.layouts &&
         one.layers == other.layers && one.types.size() == other.types.size() &&
         one.switches == other.switches && one.stages == other.stages &&
         one.memory_budget == other.memory_budget;
}

}  // namespace

std::vector<bool> SharedFindings::common_types(const Problem& problem) const {
  if (!reference_) return std::vector<bool>(problem.types.size(), true);
  std::vector<bool> common(problem.types.size(), false);
  if (!is_like(problem, *reference_)) return common;
  for (std::size_t type = 0; type < problem.types.size(); ++type) {
    common[type] = is_like(problem.types[type], reference_->types[type]);
  }
  return common;
}

void SharedFindings::add(const Problem& problem, Finding finding) {
  if (!reference_) reference_ = problem;
  all_.push_back(std::move(finding));
}

}  // namespace galvatron::search
