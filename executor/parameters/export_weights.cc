#include "executor/parameters/export_weights.h"

#include <ATen/ops/empty.h>

#include <filesystem>
#include <map>
#include <optional>

#include "executor/parameters/owned_pieces.h"
#include "executor/weights/safetensors_writer.h"
#include "planner/files/atomic_write.h"
#include "planner/model/hf_config_text.h"

namespace galvatron {
namespace {

std::vector<NewTensor> tensors_of(const LayerGraph& graph) {
  std::map<std::string, std::vector<std::int64_t>> shapes;  // a tied table stands once
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    for (const Parameter& parameter : layer_at(graph, layer).parameters) {
      shapes[parameter_name(graph, layer, parameter)] = parameter.shape;
    }
  }
  std::vector<NewTensor> tensors;
  for (auto& [name, shape] : shapes) tensors.push_back({.name = name, .shape = shape});
  return tensors;
}

at::Tensor piece_of(const ParameterStore& store, const OwnedPiece& piece) {
  return updated_weights(store.unit({piece.layer, piece.unit}))
      .narrow(0, piece.shard.begin, element_count(piece.shard))
      .cpu();
}

void send_pieces(const WeightExport& what, const ParameterStore& store, Communicator& world) {
  for (const OwnedPiece& piece : owned_pieces(what.plan, what.graph, world.rank())) {
    world.start_send(piece_of(store, piece), 0).wait();
  }
}

void write_pieces(const WeightExport& what, const ParameterStore& store, Communicator& world) {
  const std::filesystem::path folder(what.folder);
  std::filesystem::create_directories(folder);
  if (const std::optional<std::string> config = hf_config_text(what.plan.model)) {
    write_atomically((folder / "config.json").string(), *config);
  }
  SafetensorsWriter writer((folder / "model.safetensors").string(), tensors_of(what.graph));
  for (int owner = 0; owner < world.size(); ++owner) {
    for (const OwnedPiece& piece : owned_pieces(what.plan, what.graph, owner)) {
      at::Tensor values;
      if (owner == 0) {
        values = piece_of(store, piece);
      } else {
        values = at::empty({element_count(piece.shard)}, at::kFloat);
        world.start_receive(values, owner).wait();
      }
      const Layer& layer = layer_at(what.graph, piece.layer);
      const Parameter& parameter = layer.parameters[static_cast<std::size_t>(piece.parameter)];
      writer.write(parameter_name(what.graph, piece.layer, parameter), piece.elements,
                   {values.const_data_ptr<float>(), static_cast<std::size_t>(values.numel())});
    }
  }
  writer.finish();
}

}  // namespace

void export_weights(const WeightExport& what, const ParameterStore& store, Communicator& world) {
  if (world.rank() == 0) {
    write_pieces(what, store, world);
  } else {
    send_pieces(what, store, world);
  }
  world.barrier();
}

}  // namespace galvatron
