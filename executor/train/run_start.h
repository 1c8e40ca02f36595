// Where a run begins: with first weights, or where a checkpoint left off.
#pragma once

#include "executor/data/batch_order.h"
#include "executor/train/train_options.h"
#include "executor/train/trainer.h"

namespace galvatron {

struct RunStart {
  std::int64_t step = 0;  // updates done before
  std::uint64_t seed = 0;
  BatchOrder order;
  // Whether it goes on from a checkpoint in the folder that it saves to.
  bool saves_beside = false;
};

// Fills the trainer's weights and optimizer. Collective over `world`.
//
// Throws SpecError and ExecutorError: bad input for weights or a checkpoint of another model; usage
// where an option contradicts the checkpoint, or the run would save among another one's
// checkpoints; checkpoint if none is intact.
RunStart start_run(Trainer& trainer, Communicator& world, const TrainOptions& options);

// Samples that all updates before `step` took from the data.
constexpr std::int64_t samples_before(const BatchOrder& order, std::int64_t step) {
  return order.offset + step * order.global_batch;
}

}  // namespace galvatron
