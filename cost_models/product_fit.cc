#include "cost_models/product_fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cassert>
#include <cmath>

namespace galvatron {
namespace {

// Logarithms of seconds per FLOP, half_depth, half_width, launch.
using Constants = Eigen::Vector4d;

struct Product {
  double flops = 0;
  double depth = 0;
  double width = 0;  // min(m, n)
  double time = 0;
};

std::vector<Product> products_of(const ProductTable& table) {
  std::vector<Product> products;
  for (std::size_t i = 0; i < table.m.size(); ++i) {
    const auto m = static_cast<double>(table.m[i]);
    const auto n = static_cast<double>(table.n[i]);
    const auto k = static_cast<double>(table.k[i]);
    products.push_back({.flops = 2 * m * n * k,
                        .depth = k,
                        .width = std::min(m, n),
                        .time = table.time.median[i].value});
  }
  return products;
}

// law / measured - 1, and its derivatives by the constants.
struct Residual {
  double value = 0;
  Eigen::RowVector4d slope;
};

Residual residual_of(const Product& product, const Constants& logarithms) {
  const Constants c = logarithms.array().exp();
  const double depth = 1 + c[1] / product.depth;
  const double width = 1 + c[2] / product.width;
  const double computing = product.flops * c[0] * depth * width;
  Residual residual{.value = (computing + c[3]) / product.time - 1, .slope = {}};
  residual.slope << computing, computing * (c[1] / product.depth) / depth,
      computing * (c[2] / product.width) / width, c[3];
  residual.slope /= product.time;
  return residual;
}

double squares(const std::vector<Product>& products, const Constants& constants) {
  double sum = 0;
  for (const Product& product : products) {
    sum += std::pow(residual_of(product, constants).value, 2);
  }
  return sum;
}

Constants improved(const std::vector<Product>& products, const Constants& constants,
                   double damping) {
  Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
  Eigen::Vector4d gradient = Eigen::Vector4d::Zero();
  for (const Product& product : products) {
    const Residual residual = residual_of(product, constants);
    normal += residual.slope.transpose() * residual.slope;
    gradient += residual.slope.transpose() * residual.value;
  }
  normal.diagonal().array() += damping;
  const Eigen::Vector4d step = normal.ldlt().solve(gradient);
  return constants - step.cwiseMax(-1.0).cwiseMin(1.0);
}

Constants first_guess(const std::vector<Product>& products) {
  double fastest = 0;
  double shortest = products.front().time;
  for (const Product& product : products) {
    fastest = std::max(fastest, product.flops / product.time);
    shortest = std::min(shortest, product.time);
  }
  const Eigen::Vector4d guess(1 / fastest, 16, 16, shortest / 4);
  return guess.array().log();
}

}  // namespace

ProductFit fit_products(const ProductTable& measured) {
  assert(measured.m.size() >= 4 && covers(measured.time, measured.m.size()));
  constexpr int kSteps = 200;
  const std::vector<Product> products = products_of(measured);
  Constants constants = first_guess(products);
  double damping = 1e-2;
  for (int step = 0; step < kSteps; ++step) {
    const Constants next = improved(products, constants, damping);
    if (squares(products, next) < squares(products, constants)) {
      constants = next;
      damping = std::max(damping / 3, 1e-9);
    } else {
      damping *= 4;
    }
  }
  const Constants c = constants.array().exp();
  ProductFit fit{.peak = {1 / c[0]},
                 .law = {.ceiling = 1,
                         .half_depth = c[1],
                         .half_width = c[2],
                         .launch = {c[3]},
                         .measured = measured}};
  for (const Product& product : products) {
    fit.error +=
        std::abs(residual_of(product, constants).value) / static_cast<double>(products.size());
  }
  return fit;
}

}  // namespace galvatron
