#include "planner/model/layer_graph.h"

#include <algorithm>
#include <boost/range/iterator_range.hpp>
#include <set>
#include <utility>

#include "planner/model/families/bert.h"
#include "planner/model/families/gpt2.h"
#include "planner/model/families/llama.h"
#include "planner/model/families/swin.h"
#include "planner/model/families/t5.h"
#include "planner/model/families/vit.h"

namespace galvatron {
namespace {

// Appends `count` layers of type `type` behind the last one.
void append_run(LayerGraph& graph, int type, std::int64_t count) {
  for (std::int64_t number = 0; number < count; ++number) {
    const auto vertex =
        boost::add_vertex(LayerNode{.type = type, .number = static_cast<int>(number)}, graph.graph);
    if (vertex == 0) continue;
    const Layer& from = graph.types[static_cast<std::size_t>(graph.graph[vertex - 1].type)];
    boost::add_edge(vertex - 1, vertex, LayerEdge{.elements_per_token = from.hidden}, graph.graph);
  }
}

// [embedding, blocks, head] of a family whose types stand in that order.
LayerGraph chain(std::vector<Layer> types, std::int64_t blocks) {
  LayerGraph graph{.types = std::move(types), .graph = {}};
  append_run(graph, 0, 1);
  append_run(graph, 1, blocks);
  append_run(graph, 2, 1);
  return graph;
}

struct GraphOf {
  std::int64_t sequence_length;

  LayerGraph operator()(const Gpt2Config& config) const {
    return chain(gpt2_layer_types(config, sequence_length), config.layers);
  }
  LayerGraph operator()(const LlamaConfig& config) const {
    return chain(llama_layer_types(config, sequence_length), config.layers);
  }
  LayerGraph operator()(const BertConfig& config) const {
    return chain(bert_layer_types(config, sequence_length), config.layers);
  }
  LayerGraph operator()(const VitConfig& config) const {
    return chain(vit_layer_types(config), config.layers);
  }
  LayerGraph operator()(const T5Config& config) const {
    LayerGraph graph{.types = t5_layer_types(config, sequence_length), .graph = {}};
    const std::int64_t counts[] = {1, config.encoder_layers, 1, config.decoder_layers, 1};
    for (int type = 0; type < static_cast<int>(std::size(counts)); ++type) {
      append_run(graph, type, counts[type]);
    }
    return graph;
  }
  LayerGraph operator()(const SwinConfig& config) const {
    LayerGraph graph{.types = swin_layer_types(config), .graph = {}};
    int type = 0;
    append_run(graph, type++, 1);
    for (const std::int64_t blocks : config.depths) {
      append_run(graph, type++, blocks);
      append_run(graph, type++, 1);  // the merging or, behind the last depth, the head
    }
    return graph;
  }
  LayerGraph operator()(const UserModel& model) const {
    LayerGraph graph{.types = model.layers, .graph = {}};
    for (Layer& layer : graph.types) layer.tokens_per_sample = sequence_length;
    for (const auto& run : model.runs) {
      const auto found = std::find_if(graph.types.begin(), graph.types.end(),
                                      [&](const Layer& layer) { return layer.type == run.first; });
      append_run(graph, static_cast<int>(found - graph.types.begin()), run.second);
    }
    for (const CarriedTensor& edge : model.edges) {
      boost::add_edge(
          static_cast<std::size_t>(edge.from), static_cast<std::size_t>(edge.to),
          LayerEdge{.tensor = edge.tensor, .elements_per_token = edge.elements_per_token},
          graph.graph);
    }
    return graph;
  }
};

std::int64_t elements(const Parameter& parameter) {
  std::int64_t product = 1;
  for (const std::int64_t size : parameter.shape) product *= size;
  return product;
}

}  // namespace

LayerGraph build_layer_graph(const Model& model) {
  return std::visit(GraphOf{model.sequence_length}, model.config);
}

std::vector<std::int64_t> widths_after(const LayerGraph& graph) {
  std::vector<std::int64_t> widths(num_vertices(graph.graph));
  for (const auto edge : boost::make_iterator_range(boost::edges(graph.graph))) {
    const auto end = boost::target(edge, graph.graph);
    for (auto layer = boost::source(edge, graph.graph); layer < end; ++layer) {
      widths[layer] += graph.graph[edge].elements_per_token;
    }
  }
  return widths;
}

int layer_count(const LayerGraph& graph) { return static_cast<int>(num_vertices(graph.graph)); }

const Layer& layer_at(const LayerGraph& graph, int index) {
  const LayerNode& node = graph.graph[static_cast<std::size_t>(index)];
  return graph.types[static_cast<std::size_t>(node.type)];
}

std::string parameter_name(const LayerGraph& graph, int index, const Parameter& parameter) {
  const LayerNode& node = graph.graph[static_cast<std::size_t>(index)];
  std::string name = parameter.name;
  if (const auto place = name.find("{}"); place != std::string::npos) {
    name.replace(place, 2, std::to_string(node.number));
  }
  return name;
}

std::int64_t parameter_count(const LayerGraph& graph) {
  std::int64_t count = 0;
  std::set<std::string> counted_tables;
  for (int index = 0; index < layer_count(graph); ++index) {
    for (const Parameter& parameter : layer_at(graph, index).parameters) {
      const std::string& table = parameter.tied_table;
      if (!table.empty() && !counted_tables.insert(table).second) continue;
      count += elements(parameter);
    }
  }
  return count;
}

}  // namespace galvatron
