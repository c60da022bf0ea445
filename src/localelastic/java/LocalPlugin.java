package localelastic;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.IndexModule;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredCharFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.index.codec.CodecService;
import org.elasticsearch.index.engine.EngineConfig;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestHandler;

/** What a node made of published jars lacks: {@code GET /} and some analysis components; and one refusal. */
public final class LocalPlugin extends Plugin implements ActionPlugin, AnalysisPlugin {
    private volatile ClusterService cluster;

    @Override
    public Collection<?> createComponents(PluginServices services) {
        cluster = services.clusterService();
        return List.of();
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
            RestHandlersServices services, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
        return List.of(new RootAction(() -> cluster));
    }

    /** The codec needs a native library that is not published; without it the shard fails at its first refresh. */
    @Override
    public void onIndexModule(IndexModule module) {
        String codec = EngineConfig.INDEX_CODEC_SETTING.get(module.getSettings());
        if (CodecService.BEST_COMPRESSION_CODEC.equals(codec)) {
            throw new IllegalArgumentException(
                "this local node has no native library for [index.codec: " + codec + "]: leave [index.codec] unset");
        }
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Components.providers(Components.TOKEN_FILTERS);
    }

    @Override
    public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
        return Components.TOKEN_FILTERS.stream().map(TokenFilterComponent::preconfigured).toList();
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Components.providers(Components.TOKENIZERS);
    }

    @Override
    public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
        return Components.TOKENIZERS.stream().map(TokenizerComponent::preconfigured).toList();
    }

    @Override
    public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
        return Components.providers(Components.CHAR_FILTERS);
    }

    @Override
    public List<PreConfiguredCharFilter> getPreConfiguredCharFilters() {
        return Components.CHAR_FILTERS.stream().map(CharFilterComponent::preconfigured).toList();
    }
}
