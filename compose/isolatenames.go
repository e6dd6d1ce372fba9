package compose

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"
)

// bridgeName is the option by which an author names the interface of a bridge,
// of which the machine has each name once.
const bridgeName = "com.docker.network.bridge.name"

// networks gives the universe networks of its own, which hold nobody else and
// get their addresses from the engine.
func (is *isolation) networks() {
	for _, key := range sortedKeys(is.model.Networks) {
		n := is.model.Networks[key]
		field := "networks." + key
		if n.External {
			is.change("", field+".external", "true", "", ownNetwork)
			is.note("network %q is external; a smoke run has an empty one instead, without what others run in it", key)
			n = types.NetworkConfig{Name: n.Name}
		}
		is.driver(key, &n)
		is.subnets(key, &n)
		name := is.universe.Project + "_" + key
		is.change("", field+".name", n.Name, name, ownName)
		n.Name = name
		n.Labels = is.labelled("", field+".labels", n.Labels)
		is.model.Networks[key] = n
	}
}

// driver drops what ties a network to an interface of the machine.
func (is *isolation) driver(key string, n *types.NetworkConfig) {
	field := "networks." + key
	if !slices.Contains([]string{"", "default", "bridge"}, n.Driver) {
		is.change("", field+".driver", n.Driver, "", ownNetwork)
		is.note("network %q is of driver %s; a smoke run has a bridge of its own instead", key, n.Driver)
		n.Driver, n.DriverOpts = "", nil
	}
	is.change("", field+".driver_opts."+bridgeName, n.DriverOpts[bridgeName], "", ownNetwork)
	delete(n.DriverOpts, bridgeName)
}

// subnets drops the addresses that the author has chosen, and IPv6 with them,
// for which older engines choose none.
func (is *isolation) subnets(key string, n *types.NetworkConfig) {
	if len(n.Ipam.Config) == 0 {
		return
	}
	fixed := ""
	for _, pool := range n.Ipam.Config {
		if pool != nil && pool.Subnet != "" {
			fixed = pool.Subnet
			break
		}
	}
	is.change("", "networks."+key+".ipam.config", fmt.Sprintf("%d of %s", len(n.Ipam.Config), fixed), "", ownNetwork)
	is.note("network %q: its subnet %s is not fixed in a smoke run; the engine chooses one", key, fixed)
	n.Ipam.Config = nil
	if n.EnableIPv6 != nil && *n.EnableIPv6 {
		is.change("", "networks."+key+".enable_ipv6", "true", "", "its subnet is not fixed")
		n.EnableIPv6 = nil
	}
}

// volumes gives the universe empty volumes of its own on this machine.
func (is *isolation) volumes() {
	for _, key := range sortedKeys(is.model.Volumes) {
		v := is.model.Volumes[key]
		field := "volumes." + key
		if v.External {
			is.change("", field+".external", "true", "", ownVolume)
			is.note("volume %q is external; a smoke run has an empty one instead", key)
			v = types.VolumeConfig{Name: v.Name}
		}
		is.place(key, &v)
		name := is.universe.Project + "_" + key
		is.change("", field+".name", v.Name, name, ownVolume)
		v.Name = name
		v.Labels = is.labelled("", field+".labels", v.Labels)
		is.model.Volumes[key] = v
	}
	for _, name := range is.model.ServiceNames() {
		is.anonymous(is.model.Services[name])
	}
}

// place drops the driver and the options of a volume that say where it is kept.
func (is *isolation) place(key string, v *types.VolumeConfig) {
	local := v.Driver == "" || v.Driver == "local"
	inMemory := v.DriverOpts["type"] == "tmpfs"
	named := v.DriverOpts["device"] != "" || v.DriverOpts["o"] != "" || v.DriverOpts["type"] != ""
	if local && (inMemory || !named) {
		return
	}
	is.change("", "volumes."+key+".driver", v.Driver, "", ownVolume)
	is.change("", "volumes."+key+".driver_opts", strconv.Itoa(len(v.DriverOpts)), "0", ownVolume)
	is.note("volume %q is kept at a place of its own; a smoke run has an empty local one instead", key)
	v.Driver, v.DriverOpts = "", nil
}

// anonymous puts the labels on the volumes of a service that have no name, and that
// of the project, so that one whose container is gone is found, too.
func (is *isolation) anonymous(s types.ServiceConfig) {
	for i, m := range s.Volumes {
		if m.Type != types.VolumeTypeVolume || m.Source != "" {
			continue
		}
		options := types.ServiceVolumeVolume{}
		if m.Volume != nil {
			options = *m.Volume
		}
		options.Labels = types.Mapping(is.labelled(s.Name, "volumes."+m.Target+".labels", types.Labels(options.Labels)))
		options.Labels[LabelProject] = is.universe.Project
		s.Volumes[i].Volume = &options
	}
}
