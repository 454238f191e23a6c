# Rscript planning.R <input folder> <output folder>: sizes, allocations, response and small areas by base R and survey's svyglm.
# Writes planning.json (family, figure, inputs, value) and the data it made: planning_cells.csv, planning_areas.csv.
arguments <- commandArgs(trailingOnly = TRUE)
out <- arguments[2]
suppressPackageStartupMessages(library(survey))
options(digits = 17)
set.seed(20261122)

records <- character(0)
shown <- function(v) {
  if (is.character(v)) return(sprintf('"%s"', v))
  one <- ifelse(is.na(v), "null", ifelse(is.infinite(v), '"inf"', sprintf("%.17g", v)))
  if (length(v) == 1) one else paste0("[", paste(one, collapse = ", "), "]")
}
add <- function(family, figure, value, ...) {
  inputs <- list(...)
  told <- paste(sprintf('"%s": %s', names(inputs), vapply(inputs, shown, "")), collapse = ", ")
  records <<- c(records, sprintf('{"family": "%s", "figure": "%s", "inputs": {%s}, "value": %s}', family, figure, told, shown(value)))
}

# --- margin of error, Yamane -------------------------------------------------------------------------------------------
for (N in c(50, 400, 2500, 12000, 1e6, Inf)) for (p in c(0.5, 0.85, 0.93)) for (e in c(0.02, 0.05)) for (deff in c(1, 1.7)) {
  n0 <- qnorm(0.975)^2 * p * (1 - p) * deff / e^2
  n <- if (is.infinite(N)) n0 else n0 / (1 + (n0 - 1) / N)
  add("margin", "answers", ceiling(n), population = N, expected = p, margin = e, deff = deff)
  add("margin", "invitations", ceiling(ceiling(n) / 0.4), population = N, expected = p, margin = e, deff = deff)
}
for (N in c(50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 3e6)) for (e in c(0.02, 0.03, 0.04, 0.05, 0.07, 0.1))
  add("yamane", "answers", ceiling(N / (1 + N * e^2)), population = N, margin = e)

# --- power: the limits by qbeta, the chance by pbinom ---------------------------------------------------------------------
curve_met <- function(n, p, tau, alpha) vapply(n, function(k) {
  x <- 0:k
  low <- ifelse(x == 0, 0, qbeta(alpha / 2, x, k - x + 1))
  sum(dbinom(x[low >= tau], k, p))
}, 0)
curve_not <- function(n, p, tau, alpha) vapply(n, function(k) {
  x <- 0:k
  high <- ifelse(x == k, 1, qbeta(1 - alpha / 2, x + 1, k - x))
  sum(dbinom(x[high < tau], k, p))
}, 0)
plans <- expand.grid(p = c(0.95, 0.97, 0.99, 1, 0.8, 0.7, 0.5), tau = c(0.9, 0.85), power = c(0.8, 0.9), alpha = c(0.05, 0.1))
for (i in seq_len(nrow(plans))) with(plans[i, ], {
  curve <- if (p > tau) curve_met else curve_not
  for (k in c(12, 40, 133, 260)) if (power == 0.8) add("power", "power", curve(k, p, tau, alpha), n = k, expected = p, target = tau, alpha = alpha)
  start <- ((qnorm(1 - alpha / 2) * sqrt(tau * (1 - tau)) + qnorm(power) * sqrt(p * (1 - p))) / (p - tau))^2
  add("start", "n", start, expected = p, target = tau, power = power, alpha = alpha)
  n <- seq_len(ceiling(3 * start) + 60)
  short <- which(curve(n, p, tau, alpha) < power)
  add("to_show", "n", max(short, 0) + 1, expected = p, target = tau, power = power, alpha = alpha)
})

# --- the number that settles a share that stays what it is ------------------------------------------------------------------
for (tau in c(0.9, 0.85, 0.6)) for (p in c(0.5, 0.7, 0.78, 0.8, 0.83, 0.84, 0.87, 0.88, 0.89, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 1)) {
  tail <- function(n) (if (p > tau) pbeta(tau, n * p, n * (1 - p) + 1) else pbeta(tau, n * p + 1, n * (1 - p), lower.tail = FALSE)) - 0.025
  add("settling", "n", uniroot(tail, c(1e-3, 1e5), tol = 1e-12, maxiter = 5000)$root, share = p, target = tau)
}

# --- allocation: the multiplier by uniroot -------------------------------------------------------------------------------------
spread_out <- function(N, S, total, floor) {
  low <- pmin(floor, N); m <- N * S
  filled <- function(lambda) pmin(pmax(lambda * m, low), N)
  x <- filled(uniroot(function(l) sum(filled(l)) - total, c(0, max(N / m)), tol = 1e-16, maxiter = 10000)$root)
  whole <- floor(x + 1e-9); rest <- round(x - whole, 9)
  rest[whole >= N] <- -1
  take <- order(-rest, seq_along(rest))[seq_len(total - sum(whole))]
  whole[take] <- whole[take] + 1
  whole
}
for (round in 1:12) {
  H <- 8
  N <- round(exp(runif(H, log(6), log(4000)))); p <- round(runif(H, 0.7, 0.99), 3)
  least <- sum(pmin(10, N)); total <- least + round(runif(1, 0.05, 0.5) * (sum(N) - least))
  for (kind in c("proportional", "neyman")) {
    n <- spread_out(N, if (kind == "neyman") sqrt(p * (1 - p)) else rep(1, H), total, 10)
    add("allocation", kind, n, population = N, expected = p, total = total, floor = 10)
    S2 <- p * (1 - p) * N / (N - 1)
    add("planned", kind, qnorm(0.975) * sqrt(1.3 * sum((N / sum(N))^2 * (1 - n / N) * S2 / n)), population = N, expected = p, sizes = n)
  }
}

# --- response: bounds and tipping points --------------------------------------------------------------------------------------
for (r in c(0, 0.05, 0.3, 0.6, 0.95, 1)) for (p in c(0.8, 0.9, 0.97, 1)) for (tau in c(0.85, 0.9)) {
  low <- max(0, p - 0.03); high <- min(1, p + 0.03)
  add("bounds", "low", p * r, share = p, rate = r)
  add("bounds", "high", p * r + 1 - r, share = p, rate = r)
  add("bounds", "high_of_limits", high * r + 1 - r, share = p, rate = r, low = low, high = high)
  tip <- function(q) if (r == 1) 0 else min(1, max(0, (tau - q * r) / (1 - r)))
  add("tipping", "point", tip(p), share = p, rate = r, target = tau)
  used <- if (low >= tau) low else if (high < tau) high else p
  add("tipping", "point_of_limits", tip(used), share = p, rate = r, target = tau, low = low, high = high)
}
for (round in 1:30) {
  N <- round(runif(6, 0, 900)); n <- round(N * runif(6)); n[1] <- 0; p <- runif(6)
  add("strata", "low", sum(p * n) / sum(N), share = p, answered = n, population = N)
  add("strata", "high", (sum(p * n) + sum(N - n)) / sum(N), share = p, answered = n, population = N)
}

# --- R-indicator ----------------------------------------------------------------------------------------------------------------
cells <- expand.grid(sector = 1:4, month = 1:3, age = 1:2)
cells$people <- round(runif(nrow(cells), 20, 120))
cells$answered <- rbinom(nrow(cells), cells$people, plogis(-0.6 + 0.3 * cells$sector - 0.25 * cells$month + 0.4 * cells$age))
cells$weight <- round(runif(nrow(cells), 1, 9), 2)
cells$share <- round(runif(nrow(cells), 0.8, 0.99), 3)
cells$separated <- ifelse(cells$sector == 4, cells$people, cells$answered)
write.csv(cells, file.path(out, "planning_cells.csv"), row.names = FALSE)
strict <- glm.control(epsilon = 1e-15, maxit = 100)
told <- function(name, rho, d) {
  mean <- sum(d * rho) / sum(d); S <- sqrt(sum(d * (rho - mean)^2) / (sum(d) - 1))
  for (i in seq_along(rho)) add("balance", "propensity", rho[i], model = name, cell = i)
  add("balance", "r_indicator", 1 - 2 * S, model = name); add("balance", "cv", S / mean, model = name)
  add("balance", "mean", mean, model = name); add("balance", "spread", S, model = name)
  for (p in c(0.5, 0.85, 0.9, 0.95, 0.99)) add("balance", "bias", min(S / mean * sqrt(p * (1 - p)), max(p, 1 - p)), model = name, share = p)
}
formula <- cbind(answered, people - answered) ~ factor(sector) + factor(month) + factor(age)
told("plain", fitted(glm(formula, binomial, cells, control = strict)), cells$people)
told("sector", fitted(glm(cbind(answered, people - answered) ~ factor(sector), binomial, cells, control = strict)), cells$people)
told("separated", fitted(suppressWarnings(glm(cbind(separated, people - separated) ~ factor(sector) + factor(month), binomial, cells, control = strict))), cells$people)
persons <- cells[rep(seq_len(nrow(cells)), cells$people), ]
persons$cell <- rep(seq_len(nrow(cells)), cells$people)
persons$y <- unlist(lapply(seq_len(nrow(cells)), function(i) rep(c(1, 0), c(cells$answered[i], cells$people[i] - cells$answered[i]))))
survey <- svydesign(ids = ~1, weights = ~weight, data = persons)
fit <- svyglm(y ~ factor(sector) + factor(month) + factor(age), survey, family = quasibinomial, control = strict)
told("weighted", as.numeric(fitted(fit))[match(seq_len(nrow(cells)), persons$cell)], cells$people * cells$weight)

# --- Fay-Herriot: restricted likelihood with full matrices, by optim ----------------------------------------------------------------
areas <- data.frame(area = 1:36, n = round(runif(36, 8, 260)), x1 = round(rnorm(36), 3))
areas$satisfied <- rbinom(36, areas$n, plogis(1.9 + 0.35 * areas$x1 + rnorm(36, 0, 0.45)))
areas$satisfied[1:3] <- areas$n[1:3]
areas$income <- round(40 + 6 * areas$x1 + rnorm(36, 0, 2) + rnorm(36, 0, 30 / sqrt(areas$n)), 4)
areas$flat <- rbinom(36, areas$n, 0.9)
write.csv(areas, file.path(out, "planning_areas.csv"), row.names = FALSE)
herriot <- function(name, y, psi, X) {
  reml <- function(A) {
    W <- solve(diag(A + psi)); XWX <- t(X) %*% W %*% X
    P <- W - W %*% X %*% solve(XWX) %*% t(X) %*% W
    0.5 * (sum(log(A + psi)) + as.numeric(determinant(XWX)$modulus) + as.numeric(t(y) %*% P %*% y))
  }
  range <- log(c(1e-7, 1e3) * mean(psi))
  top <- optim(0.5 * sum(range), function(l) reml(exp(l)), method = "Brent", lower = range[1], upper = range[2], control = list(reltol = 1e-16))
  near <- top$par + c(-1e-3, 0, 1e-3)
  slope <- function(l) {  # derivative of the same likelihood in its matrix form, to polish the flat top that optim stops on
    W <- solve(diag(exp(l) + psi)); P <- W - W %*% X %*% solve(t(X) %*% W %*% X) %*% t(X) %*% W
    sum(diag(P)) - as.numeric(t(y) %*% P %*% P %*% y)
  }
  A <- if (reml(0) <= top$value) 0 else exp(uniroot(slope, near[c(1, 3)], tol = 1e-14)$root)
  stopifnot(A == 0 || abs(log(A) - top$par) < 1e-4)
  V <- A + psi; C <- solve(t(X) %*% diag(1 / V) %*% X); beta <- C %*% t(X) %*% (y / V)
  g <- A / V; value <- g * y + (1 - g) * as.numeric(X %*% beta)
  g2 <- (1 - g)^2 * diag(X %*% C %*% t(X)); g3 <- psi^2 / V^3 * 2 / sum(V^-2)
  add("herriot", "model_variance", A, model = name)
  for (i in seq_along(beta)) add("herriot", "beta", beta[i], model = name, entry = i)
  for (i in seq_along(C)) add("herriot", "beta_covariance", C[i], model = name, entry = i)
  for (i in seq_along(y)) {
    add("herriot", "value", value[i], model = name, entry = i)
    add("herriot", "gamma", g[i], model = name, entry = i)
    add("herriot", "mse", g[i] * psi[i] + g2[i] + 2 * g3[i], model = name, entry = i)
  }
}
X <- cbind(1, areas$x1)
herriot("income", areas$income, 900 / areas$n, X)
herriot("share", asin(sqrt(areas$satisfied / areas$n)), 1 / (4 * areas$n), cbind(rep(1, 36)))
herriot("share_x", asin(sqrt(areas$satisfied / areas$n)), 1 / (4 * areas$n), X)
p <- sum(areas$satisfied) / sum(areas$n)
herriot("raw", areas$satisfied / areas$n, p * (1 - p) / areas$n, X)
herriot("flat", asin(sqrt(areas$flat / areas$n)), 1 / (4 * areas$n), cbind(rep(1, 36)))
herriot("alike", asin(sqrt(areas$flat / areas$n)), 1 / (2 * areas$n), cbind(rep(1, 36)))

# --- beta-binomial: marginal likelihood by optim ---------------------------------------------------------------------------------------
for (scale in c(1, 0.8, 0.5, 0.37)) {
  n <- areas$n * scale; x <- areas$satisfied * scale
  minus <- function(t) { a <- plogis(t[1]) * exp(t[2]); b <- plogis(-t[1]) * exp(t[2]); -sum(lbeta(x + a, n - x + b) - lbeta(a, b)) }
  slope <- function(t) {
    m <- plogis(t[1]); M <- exp(t[2]); a <- m * M; b <- (1 - m) * M
    da <- sum(digamma(x + a) - digamma(a) - digamma(n + M) + digamma(M)); db <- sum(digamma(n - x + b) - digamma(b) - digamma(n + M) + digamma(M))
    -c(m * (1 - m) * M * (da - db), a * da + b * db)
  }
  t <- c(2, 3)
  for (again in 1:5) t <- optim(t, minus, slope, method = "BFGS", control = list(reltol = 1e-16, maxit = 1000))$par
  stopifnot(max(abs(slope(t))) < 1e-5)
  for (step in 1:5) t <- t - solve(optimHess(t, minus, slope), slope(t))  # Newton, down to the last digits
  m <- plogis(t[1]); M <- exp(t[2]); value <- (x + m * M) / (n + M); g <- n / (n + M)
  mse <- value * (1 - value) / (n + M + 1) + (1 - g)^2 * m * (1 - m) / sum(n * (M + 1) / (n + M))
  s <- value * (1 - value) / mse - 1
  add("beta_binomial", "a", m * M, scale = scale); add("beta_binomial", "b", (1 - m) * M, scale = scale)
  for (i in seq_along(n)) {
    add("beta_binomial", "value", value[i], scale = scale, entry = i)
    add("beta_binomial", "gamma", g[i], scale = scale, entry = i)
    add("beta_binomial", "low", qbeta(0.025, value[i] * s[i], (1 - value[i]) * s[i]), scale = scale, entry = i)
    add("beta_binomial", "high", qbeta(0.975, value[i] * s[i], (1 - value[i]) * s[i]), scale = scale, entry = i)
  }
}
writeLines(c("[", paste0(records, c(rep(",", length(records) - 1), "")), "]"), file.path(out, "planning.json"))
