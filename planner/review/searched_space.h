// What a plan was searched in, priced again from the plan's own inputs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/search/instance.h"

namespace galvatron {

struct SearchedPair {
  std::int64_t global_batch = 1;
  PipelineChoice choice{};

  bool operator==(const SearchedPair&) const = default;
};

class SearchedSpace {
 public:
  // Requires inputs; `plan` must outlive the space.
  SearchedSpace(const Plan& plan, std::vector<std::int64_t> global_batches);
  SearchedSpace(const SearchedSpace&) = delete;
  SearchedSpace& operator=(const SearchedSpace&) = delete;

  std::vector<SearchedPair> pairs();

  // As in instance.h: a relaxation of all the pair's problems, and those themselves.
  std::optional<Instance> list(const SearchedPair& pair);
  std::vector<Instance> problems(const SearchedPair& pair, const Instance& list);

 private:
  PricingInputs inputs_of(std::int64_t global_batch);

  const Plan& plan_;
  std::vector<std::int64_t> global_batches_;
  LayerGraph graph_;
  SearchSpace space_;
  PriceBook prices_;
};

// T >= S + (m-1) max(S / P, largest layer) + O / P + constant with S and O the sums over layers of
// the least t and the least o; for one stage the sum of the least m t + y + o. Memory plays no
// part.
search::Time memory_free_bound(const search::Problem& problem);

}  // namespace galvatron
