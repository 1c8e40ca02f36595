#include "executor/layers/windows.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <utility>
#include <vector>

#include "cost_models/rounding.h"
#include "executor/layers/gradient.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kOtherRegion = -100;

// The padded grid, [height, width], in window order: [count, area].
at::Tensor in_window_order(const at::Tensor& grid, std::int64_t window) {
  return grid.view({grid.size(0) / window, window, grid.size(1) / window, window})
      .permute({0, 2, 1, 3})
      .reshape({-1, window * window});
}

// Which of the three parts of a rolled axis each place lies in: whole windows, and the two parts of
// the last one, which come from its own edge and from the opposite one.
at::Tensor axis_regions(std::int64_t length, const WindowGrid& grid) {
  at::Tensor regions = at::zeros({length}, at::kLong);
  regions.narrow(0, length - grid.window, grid.window).fill_(1);
  regions.narrow(0, length - grid.shift, grid.shift).fill_(2);
  return regions;
}

struct WindowState {
  Windows windows;
  at::Tensor fill;

  std::int64_t tokens() const { return windows.places.size(0); }
  std::int64_t places() const { return windows.count * windows.area; }
};

// [samples * tokens, width] as [samples, tokens, width]
at::Tensor by_sample(const at::Tensor& rows, std::int64_t tokens) {
  return rows.view({rows.size(0) / tokens, tokens, rows.size(1)});
}

// What autograd has to know of.
std::vector<at::Tensor> leaves_of(const at::Tensor& fill) {
  return fill.defined() ? std::vector<at::Tensor>{fill} : std::vector<at::Tensor>{};
}

at::Tensor spread_rows(const WindowState& state, const at::Tensor& rows) {
  const at::Tensor samples = by_sample(rows, state.tokens());
  at::Tensor spread = at::empty({samples.size(0), state.places(), rows.size(1)}, rows.options());
  if (state.windows.padding.size(0) > 0) {
    if (state.fill.defined()) {
      spread.copy_(state.fill);
    } else {
      spread.zero_();
    }
  }
  return spread.index_copy_(1, state.windows.places, samples).flatten(0, 1);
}

at::Tensor collect_rows(const WindowState& state, const at::Tensor& rows) {
  return by_sample(rows, state.places()).index_select(1, state.windows.places).flatten(0, 1);
}

class ToWindows : public torch::autograd::Function<ToWindows> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, at::TensorList,
                            WindowState state) {
    at::Tensor spread = spread_rows(state, rows);
    hold(context, std::move(state));
    return spread;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto state = take_held<WindowState>(context);
    if (state.fill.defined() && state.windows.padding.size(0) > 0) {
      const at::Tensor padding =
          by_sample(gradients.at(0), state.places()).index_select(1, state.windows.padding);
      add_row_sum(preset_gradient(state.fill), padding.flatten(0, 1));
    }
    variable_list result{collect_rows(state, gradients.at(0))};
    result.resize(1 + leaves_of(state.fill).size() + 1);  // a leaf has its gradient already
    return result;
  }
};

class FromWindows : public torch::autograd::Function<FromWindows> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows,
                            const Windows& windows) {
    WindowState state{.windows = windows, .fill = {}};
    at::Tensor collected = collect_rows(state, rows);
    hold(context, std::move(state));
    return collected;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {spread_rows(take_held<WindowState>(context), gradients.at(0)), {}};
  }
};

}  // namespace

Windows cut_into_windows(const WindowGrid& grid) {
  const std::int64_t height = round_up(grid.height, grid.window);
  const std::int64_t width = round_up(grid.width, grid.window);
  const std::int64_t area = grid.window * grid.window;
  // Where each place of the padded grid stands in window order: the inverse of the order.
  const at::Tensor order = in_window_order(at::arange(height * width, at::kLong)
                                               .view({height, width})
                                               .roll({-grid.shift, -grid.shift}, {0, 1}),
                                           grid.window);
  const at::Tensor places = order.flatten().argsort().view({height, width});
  const at::Tensor is_token = at::zeros({height, width}, at::kBool);
  is_token.narrow(0, 0, grid.height).narrow(1, 0, grid.width).fill_(true);
  Windows windows{.count = height * width / area,
                  .area = area,
                  .places = places.masked_select(is_token),
                  .padding = places.masked_select(is_token.logical_not()),
                  .regions = {}};
  if (grid.shift > 0) {
    windows.regions = in_window_order(
        3 * axis_regions(height, grid).unsqueeze(1) + axis_regions(width, grid), grid.window);
  }
  return windows;
}

Windows on_device(const Windows& windows, const at::Device& device) {
  Windows moved = windows;
  moved.places = windows.places.to(device);
  moved.padding = windows.padding.to(device);
  if (windows.regions.defined()) moved.regions = windows.regions.to(device);
  return moved;
}

at::Tensor to_windows(const Windows& windows, const at::Tensor& rows, const at::Tensor& fill) {
  const std::vector<at::Tensor> leaves = leaves_of(fill);
  return ToWindows::apply(rows, at::TensorList(leaves),
                          WindowState{.windows = windows, .fill = fill});
}

at::Tensor from_windows(const Windows& windows, const at::Tensor& rows) {
  return FromWindows::apply(rows, windows);
}

at::Tensor region_mask(const Windows& windows, at::ScalarType type) {
  const at::Tensor differs = windows.regions.unsqueeze(2).ne(windows.regions.unsqueeze(1));
  return at::zeros(differs.sizes(), windows.regions.options().dtype(type))
      .masked_fill_(differs, kOtherRegion)
      .unsqueeze_(1);
}

at::Tensor relative_positions(std::int64_t window) {
  const at::Tensor numbers = at::arange(window * window, at::kLong);
  const auto distances = [&](const at::Tensor& along) {
    return along.unsqueeze(1) - along.unsqueeze(0) + (window - 1);
  };
  return distances(numbers.floor_divide(window)) * (2 * window - 1) +
         distances(numbers.remainder(window));
}

}  // namespace galvatron
