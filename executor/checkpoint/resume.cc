#include "executor/checkpoint/resume.h"

#include <ATen/ops/full.h>
#include <fmt/format.h>

#include <optional>

#include "executor/checkpoint/checkpoint_folder.h"
#include "executor/launch/exit_code.h"
#include "executor/parameters/fill_parameters.h"
#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

struct Verdict {
  std::optional<Checkpoint> checkpoint;  // where this rank found nothing wrong
  std::string damage;
};

Verdict examine(const std::string& path, const Communicator& world) {
  try {
    Checkpoint checkpoint = open_checkpoint(path);
    check_files(checkpoint, {.first = world.rank(), .step = world.size()});
    return {.checkpoint = std::move(checkpoint), .damage = {}};
  } catch (const SpecError& error) {
    return {.checkpoint = {}, .damage = error.what()};
  }
}

std::int64_t count_damaged(const Verdict& verdict, Communicator& world) {
  const at::Tensor damaged = at::full({1}, verdict.checkpoint ? 0 : 1, at::kLong);
  world.all_reduce(damaged);
  return damaged.item<std::int64_t>();
}

std::set<std::string> names_of(const ParameterStore& store, const LayerGraph& graph) {
  std::set<std::string> names;
  for (const ParameterStore::Place& place : store.stored()) {
    const Layer& layer = layer_at(graph, place.layer);
    for (const ParameterPlace& parameter : store.unit(place).layout.places) {
      names.insert(parameter_name(graph, place.layer,
                                  layer.parameters[static_cast<std::size_t>(parameter.parameter)]));
    }
  }
  return names;
}

}  // namespace

Checkpoint choose_checkpoint(const std::string& folder, Communicator& world, const Report& report) {
  const std::vector<std::string> paths = checkpoints_to_try(folder);
  for (const std::string& path : paths) {
    Verdict verdict = examine(path, world);
    const std::int64_t damaged = count_damaged(verdict, world);
    if (damaged == 0) return std::move(*verdict.checkpoint);
    // What all ranks read, such as the manifest, is damaged for all of them: rank 0 says it.
    const bool speaks = !verdict.checkpoint && (damaged < world.size() || world.rank() == 0);
    if (speaks)
      report(fmt::format("{}\nthe checkpoint \"{}\" is passed over", verdict.damage, path));
  }
  throw ExecutorError(ExitCode::checkpoint,
                      paths.empty()
                          ? fmt::format("no checkpoint in \"{}\": expected a folder step-N", folder)
                          : fmt::format("no intact checkpoint in \"{}\"", folder));
}

void fill_from_checkpoint(const Resumption& from, ParameterStore& store) {
  if (!(from.checkpoint.plan.model == from.model)) {
    throw ExecutorError(
        ExitCode::bad_input,
        fmt::format("the checkpoint \"{}\" is of another model, \"{}\", than the plan's, \"{}\"",
                    from.checkpoint.path, from.checkpoint.plan.model.name, from.model.name));
  }
  const StoredPieces pieces(from.checkpoint, names_of(store, from.graph));
  fill_parameters(store, from.graph, pieces.source(StateKind::weight));
  fill_moments(store, from.graph,
               {.first = pieces.source(StateKind::first_moment),
                .second = pieces.source(StateKind::second_moment),
                .updates = from.checkpoint.manifest.state.step});
}

}  // namespace galvatron
