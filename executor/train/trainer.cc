#include "executor/train/trainer.h"

#include <utility>

#include "executor/checkpoint/resume.h"
#include "executor/parameters/fill_parameters.h"
#include "executor/train/check_trainable.h"

namespace galvatron {
namespace {

LayerGraph checked_graph(const Plan& plan, const BlockTable& blocks, int ranks) {
  LayerGraph graph = build_layer_graph(plan.model);
  check_trainable({.plan = plan, .graph = graph, .blocks = blocks}, ranks);
  return graph;
}

}  // namespace

Trainer::Trainer(Communicator& world, const Plan& plan, BlockTable blocks, const AdamW& optimizer,
                 at::Device device)
    : plan_(plan),
      graph_(checked_graph(plan, blocks, world.size())),
      blocks_(std::move(blocks)),
      device_(device),
      live_bytes_(device),
      store_(plan_, graph_, world.rank(), device, live_bytes_),
      groups_(world, plan_, graph_),
      runner_({.plan = plan_,
               .graph = graph_,
               .blocks = blocks_,
               .store = store_,
               .groups = groups_,
               .live_bytes = live_bytes_,
               .device = device},
              build_rank_program(plan_, graph_, world.rank()), optimizer) {}

void Trainer::fill(const WeightSource& source) {
  fill_parameters(store_, graph_, source);
  live_bytes_.reset_peak();
}

void Trainer::fill(const Checkpoint& checkpoint) {
  fill_from_checkpoint({.checkpoint = checkpoint, .model = plan_.model, .graph = graph_}, store_);
  live_bytes_.reset_peak();
}

}  // namespace galvatron
