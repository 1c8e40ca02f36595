// What several stages do together, a transfer or a sum, and by what their operations find together.
#pragma once

#include <tuple>

#include "planner/schedule/program.h"

namespace galvatron {

constexpr bool is_transfer(const Op& op) {
  return op.kind == OpKind::send || op.kind == OpKind::receive;
}

constexpr bool sums_over_stages(const Op& op) {
  return op.kind == OpKind::reduce_tied || op.kind == OpKind::reduce_norm;
}

// Meetings of one kind between the same ranks: the n-th of one stage is the n-th of the others.
using Channel = std::tuple<OpKind, RankGroup, Direction>;

inline Channel channel_of(const Op& op) {
  return {op.kind == OpKind::receive ? OpKind::send : op.kind, op.group, op.direction};
}

}  // namespace galvatron
