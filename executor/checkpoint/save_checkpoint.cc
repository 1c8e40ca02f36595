#include "executor/checkpoint/save_checkpoint.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <bit>
#include <filesystem>
#include <system_error>

#include "executor/checkpoint/checkpoint_folder.h"
#include "executor/checkpoint/state_kind.h"
#include "executor/launch/exit_code.h"
#include "executor/parameters/owned_pieces.h"
#include "executor/weights/safetensors_writer.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/plan_yaml.h"

namespace galvatron {
namespace {

std::string name_of_piece(const LayerGraph& graph, const OwnedPiece& piece) {
  const Layer& layer = layer_at(graph, piece.layer);
  return parameter_name(graph, piece.layer,
                        layer.parameters[static_cast<std::size_t>(piece.parameter)]);
}

// [shard] fp32
at::Tensor state_of(const UnitBuffers& unit, StateKind kind) {
  switch (kind) {
    case StateKind::weight:
      return updated_weights(unit);
    case StateKind::first_moment:
      return unit.first_moment;
    case StateKind::second_moment:
      return unit.second_moment;
  }
  return {};
}

void write_shard(const std::string& path, const CheckpointSave& what, const ParameterStore& store,
                 int rank) {
  const std::vector<OwnedPiece> pieces = owned_pieces(what.plan, what.graph, rank);
  std::vector<NewTensor> tensors;
  for (const OwnedPiece& piece : pieces) {
    for (const auto& [kind, suffix] : kStateSuffixes) {
      tensors.push_back({.name = state_name(name_of_piece(what.graph, piece), kind),
                         .shape = {element_count(piece.elements)}});
    }
  }
  SafetensorsWriter writer(path, tensors);
  for (const OwnedPiece& piece : pieces) {
    const ElementRanges all{{0, element_count(piece.elements)}};
    for (const auto& [kind, suffix] : kStateSuffixes) {
      const at::Tensor state = state_of(store.unit({piece.layer, piece.unit}), kind)
                                   .narrow(0, piece.shard.begin, element_count(piece.shard))
                                   .cpu();
      writer.write(state_name(name_of_piece(what.graph, piece), kind), all,
                   {state.const_data_ptr<float>(), static_cast<std::size_t>(state.numel())});
    }
  }
  writer.finish();
}

// Every rank's shard, on every rank.
std::vector<CheckpointFile> gather_shards(const CheckpointFile& own, Communicator& world) {
  const at::Tensor numbers = at::empty({1, 2}, at::kLong);
  numbers.mutable_data_ptr<std::int64_t>()[0] = own.size.value;
  numbers.mutable_data_ptr<std::int64_t>()[1] = std::bit_cast<std::int64_t>(own.checksum);
  const at::Tensor gathered = world.all_gather(numbers);
  const std::int64_t* values = gathered.const_data_ptr<std::int64_t>();
  std::vector<CheckpointFile> shards;
  for (int rank = 0; rank < world.size(); ++rank) {
    shards.push_back({.name = shard_file(rank),
                      .size = {values[2 * rank]},
                      .checksum = std::bit_cast<std::uint64_t>(values[2 * rank + 1])});
  }
  return shards;
}

void finish(const CheckpointSave& what, const std::string& partial,
            const std::vector<CheckpointFile>& shards) {
  write_atomically((std::filesystem::path(partial) / kPlanFile).string(), plan_yaml(what.plan));
  Manifest manifest{.state = what.state, .files = {describe_file(partial, kPlanFile)}};
  manifest.files.insert(manifest.files.end(), shards.begin(), shards.end());
  write_manifest(partial, manifest);
  publish_checkpoint(what.folder, what.state.step, what.before);
}

void write_all(const CheckpointSave& what, const ParameterStore& store, Communicator& world) {
  std::string partial = checkpoint_path(what.folder, what.state.step) + ".partial";
  if (world.rank() == 0) partial = begin_checkpoint(what.folder, what.state.step);
  world.barrier();
  const std::string name = shard_file(world.rank());
  write_shard((std::filesystem::path(partial) / name).string(), what, store, world.rank());
  const std::vector<CheckpointFile> shards = gather_shards(describe_file(partial, name), world);
  if (world.rank() == 0) finish(what, partial, shards);
  world.barrier();
}

}  // namespace

std::string save_checkpoint(const CheckpointSave& what, const ParameterStore& store,
                            Communicator& world) {
  try {
    write_all(what, store, world);
  } catch (const std::system_error& error) {
    throw ExecutorError(ExitCode::checkpoint,
                        fmt::format("cannot save step {} in \"{}\", which all ranks must see and "
                                    "may write: {}",
                                    what.state.step, what.folder, error.what()));
  }
  return checkpoint_path(what.folder, what.state.step);
}

}  // namespace galvatron
