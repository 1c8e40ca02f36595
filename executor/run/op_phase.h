// Which phase of a step an operation belongs to, for those who watch.
#pragma once

#include "executor/watch/whereabouts.h"
#include "planner/schedule/program.h"

namespace galvatron {

constexpr Phase phase_of(const Op& op) {
  switch (op.kind) {
    case OpKind::forward:
      return Phase::forward;
    case OpKind::recompute:
    case OpKind::backward:
      return Phase::backward;
    case OpKind::redistribute:
    case OpKind::gather:
    case OpKind::free_parameters:
    case OpKind::send:
    case OpKind::receive:
      return op.direction == Direction::forward ? Phase::forward : Phase::backward;
    case OpKind::reduce_token_local:
    case OpKind::reduce:
    case OpKind::reduce_tied:
    case OpKind::reduce_norm:
      return Phase::reduce;
    case OpKind::clip:
    case OpKind::update:
    case OpKind::gather_updated:
      return Phase::update;
  }
  return Phase::update;
}

}  // namespace galvatron
