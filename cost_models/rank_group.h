// Groups of ranks. Nearly every group of a plan is an arithmetic progression; the holders of a tied
// table need not be one.
//
// A stage holds D consecutive ranks; local rank r counts from its first. With order tensor_inner
// r = data_index * tensor + tensor_index, with data_inner r = tensor_index * data + data_index.
#pragma once

#include <cstddef>
#include <vector>

#include "cost_models/strategy.h"

namespace galvatron {

struct RankGroup {
  int first = 0;
  int size = 1;
  int stride = 1;
  std::vector<int> ranks{};  // all, ascending, where their distances differ; then stride is 1

  auto operator<=>(const RankGroup&) const = default;
};

inline int rank_at(const RankGroup& group, int index) {
  return group.ranks.empty() ? group.first + index * group.stride
                             : group.ranks[static_cast<std::size_t>(index)];
}

// These ranks, which ascend; the same group whether or not they are an arithmetic progression.
RankGroup group_of(std::vector<int> ranks);

inline RankGroup shifted(RankGroup group, int ranks) {
  group.first += ranks;
  for (int& rank : group.ranks) rank += ranks;
  return group;
}

constexpr int tensor_index(const Layout& layout, int local_rank) {
  return layout.order == Order::tensor_inner ? local_rank % layout.tensor
                                             : local_rank / layout.data;
}

constexpr int data_index(const Layout& layout, int local_rank) {
  return layout.order == Order::tensor_inner ? local_rank / layout.tensor
                                             : local_rank % layout.data;
}

// The local rank that has these two indices.
constexpr int local_rank_of(const Layout& layout, int data_index, int tensor_index) {
  return layout.order == Order::tensor_inner ? data_index * layout.tensor + tensor_index
                                             : tensor_index * layout.data + data_index;
}

// The ranks (local to the stage) that share local_rank's samples and split its weights.
inline RankGroup tensor_group(const Layout& layout, int local_rank) {
  const int stride = layout.order == Order::tensor_inner ? 1 : layout.data;
  return {.first = local_rank - tensor_index(layout, local_rank) * stride,
          .size = layout.tensor,
          .stride = layout.tensor == 1 ? 1 : stride};
}

// The ranks (local to the stage) that hold the same weights for other samples.
inline RankGroup data_group(const Layout& layout, int local_rank) {
  const int stride = layout.order == Order::tensor_inner ? layout.tensor : 1;
  return {.first = local_rank - data_index(layout, local_rank) * stride,
          .size = layout.data,
          .stride = layout.data == 1 ? 1 : stride};
}

}  // namespace galvatron
