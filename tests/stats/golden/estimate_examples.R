# Writes estimate_examples.json: Rscript estimate_examples.R <input folder> <output folder>   (R 4.2.2, survey 4.1-1, MASS)
# The three worked examples of docs/estimate.md. The rows lie in docs/examples, three folders above this one.
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust", warn = -1)
folders <- commandArgs(TRUE)
table <- function(name, ...) read.csv(file.path(folders[1], "../../../docs/examples", name), stringsAsFactors = FALSE, ...)
number <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ", "), "]")
text <- function(x) paste0("[", paste0("\"", x, "\"", collapse = ", "), "]")
out <- character()
put <- function(key, ...) {
  parts <- list(...)
  lines <- vapply(names(parts), function(n) paste0("  \"", n, "\": ", if (is.character(parts[[n]])) text(parts[[n]]) else number(parts[[n]])), "")
  out[[key]] <<- paste0("\"", key, "\": {\n", paste(lines, collapse = ",\n"), "\n}")
}
# A statistic is a smooth function of totals; G holds its derivatives. All figures of one example get one covariance.
ratios <- function(d, Y, X) {
  k <- ncol(Y); t <- svytotal(cbind(Y, X), d); y <- coef(t)[1:k]; x <- coef(t)[k + 1:k]
  list(value = y / x, G = cbind(diag(1 / x, k), diag(-y / x^2, k)), V = vcov(t))
}
zero <- function(x) ifelse(is.na(x), 0, x)
members <- function(rows, stratum, cluster) length(unique(cluster[rows])) - length(unique(stratum[rows]))

# ---- offices: stratified, finite populations, one stratum asked completely; KG20 written again
a <- table("offices.csv")
a$stratum <- paste(a$unit, a$sector); a$w <- a$dossiers / ave(a$dossiers, a$stratum, FUN = length)
d <- svydesign(ids = ~1, strata = ~stratum, weights = ~w, fpc = ~dossiers, data = a)
units <- unique(a$unit)[c(2, 3, 1)]  # no letter of a name stands here: R need not know UTF-8
D <- cbind(TRUE, sapply(units, function(u) a$unit == u), a$filing == "online")
m <- !is.na(a$overall); s <- zero(a$overall) >= 4
Y <- cbind(D * s * m, zero(a$overall)); X <- cbind(D * m, m)
r <- ratios(d, Y, X)
minutes <- svytotal(~minutes, d)
all <- svytotal(cbind(Y, X, a$minutes), d); k <- ncol(Y)
G <- rbind(cbind(r$G, 0), c(rep(0, 2 * k), 1)); G <- rbind(G, G[2, ] - G[4, ])
value <- c(r$value, coef(minutes), r$value[2] - r$value[4]); V <- G %*% vcov(all) %*% t(G)
inside <- lapply(1:5, function(j) which(D[, j] & m))
n <- sapply(inside, length); sat <- sapply(inside, function(i) sum(s[i])); uns <- n - sat
df <- sapply(inside, function(i) members(i, a$stratum, seq_along(a$stratum)))
kish <- sapply(inside, function(i) sum(a$w[i])^2 / sum(a$w[i]^2))
sizes <- tapply(a$dossiers, a$stratum, max); home <- tapply(a$unit, a$stratum, function(x) x[1])
N <- c(sum(sizes), sapply(units, function(u) sum(sizes[home == u])), NA)
variance <- diag(V)[1:5]; variance[variance < 1e-20] <- 0; p <- value[1:5]
f <- ifelse(is.na(N), 0, n / N); rare <- pmin(sat, uns)
tells <- rare >= 20 & df >= 1
pool <- if (any(tells)) max(1, sum((n * variance)[tells]) / sum((n * p * (1 - p) * (1 - f) / kish)[tells])) else 1
ne <- ifelse(rare > 0 & variance > 0, p * (1 - p) / variance, Inf)
few <- rare < 20 | !is.finite(ne); cap <- ifelse(few, n, n / (1 - f))
g <- pmin(ne, ifelse(few, pmin(kish / pool, n), cap))
star <- pmin(g * (qt(0.975, n - 1) / qt(0.975, df))^2, cap)
low <- pmax(qbeta(0.025, star * p, star * (1 - p) + 1), ifelse(is.na(N), 0, sat / N))
high <- pmin(qbeta(0.975, star * p + 1, star * (1 - p)), ifelse(is.na(N), 1, 1 - uns / N))
above <- pbeta(0.85, star * p, star * (1 - p) + 1); below <- 1 - pbeta(0.85, star * p + 1, star * (1 - p))
t6 <- qt(0.975, members(which(m), a$stratum, seq_along(m))) * sqrt(V[6, 6]); t7 <- qt(0.975, degf(d)) * sqrt(V[7, 7])
answered <- subset(update(d, s = as.numeric(s)), !is.na(overall))
whole <- svymean(~s, answered, deff = TRUE); replaced <- svymean(~s, answered, deff = "replace")
level <- svymean(~overall, answered, deff = "replace")
put("offices", estimate = value, covariance = V, n = n, df = df, low = c(low, value[6] - t6, value[7] - t7),
    high = c(high, value[6] + t6, value[7] + t7), p = ifelse(p >= 0.85, above, below), n_kish = kish, d_pool = pool,
    deff = deff(whole), deff_replace = c(deff(replaced), deff(level)))

# ---- clinics: two stages, raked to two margins; a composite by totals and the delta method; logit limits at 90 %
b <- table("clinics.csv", sep = ";", dec = ",")
names(b)[1] <- "district"
b$cluster <- paste(b$district, b$day); b$row <- seq_len(nrow(b))
b$ages <- cut(b$age, c(-Inf, 40, 60, Inf), right = FALSE, labels = c("under 40", "40-59", "60 and over"))
d <- svydesign(ids = ~cluster + row, strata = ~district, weights = ~weight, fpc = ~days + visits, data = b)
totals <- c("(Intercept)" = 6300, "ages40-59" = 2100, "ages60 and over" = 1700, "factor(sex)M" = 2650)
d <- calibrate(d, ~ ages + factor(sex), totals, calfun = "raking", epsilon = 1e-14, maxit = 500)
w <- weights(d); share <- c(1 / 3, 1 / 3, 1 / 6, 1 / 6)
D <- cbind(TRUE, sapply(7:9, function(k) b$month == k))
q <- as.matrix(b[paste0("q", 1:4)]); m <- !is.na(q); s <- zero(q) >= 4 & m
Y <- do.call(cbind, lapply(1:4, function(j) s * D[, j])); X <- do.call(cbind, lapply(1:4, function(j) m * D[, j]))
r <- ratios(d, Y, X)
A <- matrix(0, 8, 16)
for (j in 1:4) { A[j, 4 * (j - 1) + 1:4] <- 100 * share; A[4 + j, 4 * j] <- 1 }
A <- rbind(A, A[4, ] - A[2, ])
value <- as.numeric(A %*% r$value); V <- A %*% r$G %*% r$V %*% t(A %*% r$G)
rows <- c(lapply(1:4, function(j) which(D[, j] & rowSums(m) > 0)), lapply(1:4, function(j) which(D[, j] & m[, 4])))
df <- sapply(rows, function(i) members(i, b$district, b$cluster)); n <- sapply(rows, length)
p <- value[1:8] / c(100, 100, 100, 100, 1, 1, 1, 1); se <- sqrt(diag(V))[1:8] / c(100, 100, 100, 100, 1, 1, 1, 1)
half <- qt(0.95, df) * se / (p * (1 - p)); scale <- rep(c(100, 1), each = 4)
h9 <- qt(0.95, degf(d)) * sqrt(V[9, 9])
put("clinics", estimate = value, covariance = V, n = n, df = df, low = c(scale * plogis(qlogis(p) - half), value[9] - h9),
    high = c(scale * plogis(qlogis(p) + half), value[9] + h9), weight_sum = sum(w), n_kish = sum(w)^2 / sum(w^2),
    p = pt(-abs(qlogis(p[1:4]) - qlogis(0.8)) / (se * 1 / (p * (1 - p)))[1:4], df[1:4]), p_contrast = 2 * pt(-abs(value[9]) / sqrt(V[9, 9]), degf(d)))

# ---- schools: whole clusters, finite populations, GREG with a register total; a total, ratios, a mean
e <- table("schools.csv")
drawn <- tapply(e$school, e$level, function(x) length(unique(x)))
e$w <- e$schools / drawn[e$level]
d <- svydesign(ids = ~school, strata = ~level, weights = ~w, fpc = ~schools, data = e)
d <- calibrate(d, ~ factor(level) + pupils, c("(Intercept)" = 377, "factor(level)primary" = 220, "factor(level)upper secondary" = 45, pupils = 13500), calfun = "linear")
w <- weights(d); levels <- c("lower secondary", "primary", "upper secondary")
D <- cbind(TRUE, sapply(levels, function(l) e$level == l))
Y <- cbind(D * e$cost, e$teachers); X <- cbind(D * e$meals, 1)
r <- ratios(d, Y, X)
all <- svytotal(cbind(e$meals, Y, X), d); k <- ncol(Y)
G <- rbind(c(1, rep(0, 2 * k)), cbind(0, r$G)); G <- rbind(G, G[4, ] - G[5, ])
value <- c(coef(all)[1], r$value, r$value[3] - r$value[4]); V <- G %*% vcov(all) %*% t(G)
rows <- c(list(seq_len(nrow(e))), lapply(1:4, function(j) which(D[, j])), list(seq_len(nrow(e))))
df <- c(sapply(rows, function(i) members(i, e$level, e$school)), degf(d))
half <- qt(0.975, df) * sqrt(diag(V))
total <- svytotal(~meals, d, deff = "replace"); mean <- svymean(~teachers, d, deff = "replace"); plain <- svymean(~teachers, d, deff = TRUE)
put("schools", estimate = value, covariance = V, n = sapply(rows, length), df = df, low = value - half, high = value + half,
    weight_sum = sum(w), n_kish = sum(w)^2 / sum(w^2), deff_replace = c(deff(total), deff(mean)), deff = deff(plain),
    p = c(pt(-abs(value[6] - 1.4) / sqrt(V[6, 6]), df[6]), 2 * pt(-abs(value[7]) / sqrt(V[7, 7]), df[7])))
writeLines(paste0("{\n", paste(out, collapse = ",\n"), "\n}"), file.path(folders[2], "estimate_examples.json"))
